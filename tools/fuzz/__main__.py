"""Sends a hundred thousand hostile requests to the real container: `make fuzz`.

The tutorial's model is built with all paths that an image can serve, and runs as in Lambda: with
a read-only root and limited memory, behind the runtime interface emulator. Schemathesis reads the
endpoint's /openapi.json through a gateway on loopback; `tools.fuzz.bodies` generates the rest.
Everything runs on loopback. The exit code is 1 if there was any fault.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.cloud import base_image
from tools.fuzz.container import project, running
from tools.fuzz.run import Run, table

_TRAIN = Path(__file__).parents[2] / "examples" / "iris" / "train.py"


def main() -> int:
    """Build and run the image, send the requests, and print the results."""
    parser = argparse.ArgumentParser(description="Send hostile requests to the endpoint.")
    parser.add_argument("--bodies", type=int, default=100_000, help="how many requests in all")
    parser.add_argument("--examples", type=int, default=1_000,
                        help="Schemathesis' examples an operation; 0 leaves it out")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of all that is made")
    options = parser.parse_args()
    print(base_image.ensure(f"{sys.version_info.major}.{sys.version_info.minor}"), flush=True)
    with tempfile.TemporaryDirectory(prefix="mldeploy-fuzz-") as folder:
        config = project(Path(folder), _TRAIN.read_text(encoding="utf-8"))
        with running(config) as container:
            run = Run(container, options.seed)
            run.everything(options.bodies, options.examples)
    print(table(run))
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
