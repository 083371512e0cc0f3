"""The events of a batch job: `batch` scores a chunk, `batch-gather` says what is still to do.

{"mldeploy": "batch", "output": "s3://bucket/out/", "chunk": {…}}
{"mldeploy": "batch-gather", "output": "s3://bucket/out/"}
"""

import json
import os
from pathlib import Path
from typing import Any

from endpoint.batch.gathering import gather
from endpoint.batch.scoring import score
from endpoint.batch.stores import LocalStore, Store
from endpoint.model import Model

FORMAT = 1


class OtherReleaseError(Exception):
    """The job is of another release than this function, or of another version of mldeploy."""


def respond(event: dict[str, Any], model: Model) -> dict[str, Any]:
    """Respond to an event of a job.

    Raises:
        Exception: any failure; Lambda then reports the event as failed.
    """
    store = _store_of(event["output"])
    job = _job(store, model)
    if event["mldeploy"] == "batch-gather":
        return gather(job, store)
    return score(job, event["chunk"], store, model)


def _job(store: Store, model: Model) -> dict[str, Any]:
    """Return the job of an output.

    Raises:
        OtherReleaseError: if this function can't continue it.
    """
    job: dict[str, Any] = json.loads(store.get("_job/job.json") or b"{}")
    release = os.environ.get("MLDEPLOY_RELEASE", "")
    if job.get("format") != FORMAT:
        raise OtherReleaseError("the output has no job that this version of mldeploy knows")
    if job["model_sha256"] != model.facts["model"]["sha256"] or job["release"] != release:
        raise OtherReleaseError(
            f"the output's job is of release {job['release']}, this function of {release}"
        )
    return job


def _store_of(output: str) -> Store:
    """Return the store of an output: "s3://bucket/prefix/" or a folder's path."""
    if output.startswith("s3://"):
        from endpoint.batch.s3 import S3Store

        return S3Store(output)
    return LocalStore(Path(output))
