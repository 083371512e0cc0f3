"""Rows per second of a job in S3, on an emulated AWS, compared with a bare loop over its file.

The chunks are scored in containers of the real image, as many at once as there are CPUs. Emulated
Step Functions, S3 and Lambda share these CPUs with them.
"""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.batch import BARE, ROUNDS, ROWS, show_speeds, write_project
from benchmarks.images import why_not
from benchmarks.measure import interleaved, machine, run, show_ratio
from tests.cloud import engine, relay
from tests.cloud.cloud import running_cloud

_BUCKET = "bench"
_BATCH = """
[batch]
inputs = ["s3://bench/in/"]
outputs = ["s3://bench/out/"]
concurrency = {cpus}

[image]
requirements = ["botocore"]
"""
"""The stand-in of AWS's base image has no botocore (tests/cloud/base_image.py)."""


def main() -> None:
    """Print times and the ratio, or why they can't be measured here."""
    if reason := why_not():
        print(f"  left out: {reason}")
        return
    print(f"  {machine()}; {engine.status()}")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_cloud() as cloud,
        relay.relay(cloud.port, lambda _method, _path: relay.PASS),
    ):
        root = Path(folder)
        mldeploy = partial(_mldeploy, root, cloud.environment(MLDEPLOY_DEPLOY__APPROVE="auto"))
        write_project(root, _BATCH.format(cpus=os.cpu_count()))
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket=_BUCKET)
        s3.upload_file(str(root / "rows.csv"), _BUCKET, "in/rows.csv")
        mldeploy("train")
        mldeploy("deploy")
        source, output = f"s3://{_BUCKET}/in/", f"s3://{_BUCKET}/out/"
        line = ("batch", source, output, "--columns", "id", "--yes", "--follow", "--overwrite")
        subjects = {
            "bare loop": lambda: run([sys.executable, "-c", BARE], cwd=root),
            "batch in S3": lambda: mldeploy(*line),
        }
        timings = interleaved(subjects, ROUNDS, warm_up=False)
        mldeploy("destroy", "--yes")
    print(f"  {ROWS:,} rows\n")
    show_speeds(timings)
    show_ratio(timings, "batch in S3", "bare loop")


def _mldeploy(root: Path, environment: dict[str, str], *words: str) -> None:
    run([sys.executable, "-m", "mldeploy", *words], cwd=root, env=environment)


if __name__ == "__main__":
    main()
