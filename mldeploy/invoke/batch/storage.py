"""An output as a job's planning sees it, and the one job that owns it."""

import json
import re
from collections.abc import Iterable
from typing import Protocol

from mldeploy.errors import MldeployError
from mldeploy.invoke.batch.jobs import CHUNKS, JOB, Job

LOCK = "_job/lock"
SUCCESS = "_SUCCESS"
_PART = r"part-[0-9]{5,}-[0-9a-f]{8}\.(jsonl|parquet)"
_OURS = re.compile(rf"{_PART}|errors/{_PART}|_SUCCESS|_job/.+")
_LISTED = re.compile(rf"{_PART}|_SUCCESS")
_MEANING = {
    "format": "the version of mldeploy",
    "release": "the release",
    "model_sha256": "the model",
    "columns": "--columns",
    "output": "the format of the output",
    "chunks_sha256": "the input",
}


class Storage(Protocol):
    """The files of an output, by their names in it."""

    def get(self, name: str) -> bytes | None:
        """Return a file, or None."""
        ...

    def create(self, name: str, content: bytes) -> bool:
        """Write a new file; return False if there is one."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Delete files."""
        ...

    def names(self, start: str = "") -> list[str]:
        """Return the names of all files, or of those whose names begin with `start`."""
        ...


def claim(job: Job, storage: Storage, where: str, *, overwrite: bool) -> bool:
    """Make a job the owner of its output; return whether it had begun before.

    Args:
        job: the job.
        storage: its output.
        where: of the output, for messages.
        overwrite: whether to delete what another job wrote.

    Raises:
        MldeployError: MLD641 if the output is another job's, or has files of one.
    """
    document, chunks = job.documents()
    if overwrite:
        _clear(storage)
    found = storage.get(JOB)
    if found is None:
        _require_empty(storage, where)
        if not storage.create(JOB, document):
            found = storage.get(JOB)
    if found is not None:
        _require_same(json.loads(found), json.loads(document), where)
        storage.put(JOB, document)  # max_errors may differ
    storage.put(CHUNKS, chunks)
    return found is not None


def _clear(storage: Storage) -> None:
    """Delete what a job wrote: its success first and its claim last, so that it can be repeated."""
    names = [name for name in storage.names() if _OURS.fullmatch(name) and name != LOCK]
    middle = [name for name in names if name not in {SUCCESS, JOB}]
    for group in ([SUCCESS], middle, [JOB]):
        storage.delete(name for name in group if name in names)


def _require_empty(storage: Storage, where: str) -> None:
    others = [name for name in storage.names() if _LISTED.fullmatch(name)]
    if others:
        raise MldeployError(
            "MLD641",
            f"{where} has predictions of an unknown job, such as {others[0]}",
            "give another output, or pass --overwrite to delete them",
        )


def _require_same(found: dict[str, object], wanted: dict[str, object], where: str) -> None:
    differing = [text for key, text in _MEANING.items() if found.get(key) != wanted.get(key)]
    if differing:
        raise MldeployError(
            "MLD641",
            f"{where} belongs to another job; different: {', '.join(differing)}",
            "give another output, or pass --overwrite to delete that job's parts and begin anew",
        )
