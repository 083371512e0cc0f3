"""The HTTP API of a served model, from the OpenAPI document that it serves."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from functools import cache
from typing import TYPE_CHECKING, Any

from mldeploy.config.paths import PATHS
from tools.site.project import environment, run, tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "openapi.json"


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document of the tutorial's model with all paths, as `serve` answers.

    Raises:
        CalledProcessError: the model can't be trained.
    """
    paths = {"MLDEPLOY_FUNCTIONS__PREDICT__PATHS": ",".join(PATHS)}
    with tutorial() as folder:
        run(folder, "train", MLDEPLOY_TRAINING__CV="0")
        command = [sys.executable, "-m", "mldeploy", "serve", "--port", "0"]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=environment(**paths),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as served:
            try:
                assert served.stdout is not None  # noqa: S101 - it is a pipe
                address = served.stdout.readline().strip().removesuffix("/predict")
                with urllib.request.urlopen(f"{address}/{NAME}", timeout=60) as reply:  # noqa: S310
                    found: dict[str, Any] = json.load(reply)
            finally:
                served.terminate()
    return found


def table(target: Path) -> str:
    """Return the operations as a table; the document itself is written beside the pages."""
    files = target / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files / NAME).write_text(json.dumps(document(), indent=1), encoding="utf-8")
    head = ["| request | what it is | bodies | statuses |", "| --- | --- | --- | --- |"]
    return "\n".join([f"[{NAME}](../files/{NAME}) is the whole document.", "", *head, *_rows()])


def _rows() -> Iterator[str]:
    for path, operations in document()["paths"].items():
        for method, one in operations.items():
            if "responses" not in one:
                continue
            bodies = ", ".join(
                f"`{kind}`" for kind in one.get("requestBody", {}).get("content", {})
            )
            statuses = ", ".join(one["responses"])
            summary = one.get("summary", "").replace("|", "\\|")
            yield f"| `{method.upper()} {path}` | {summary} | {bodies or 'none'} | {statuses} |"
