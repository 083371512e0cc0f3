"""What a job is: its inputs cut into chunks, and the documents that the image's code reads."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mldeploy.errors import ExitCode, MldeployError

FORMAT = 1
"""Of the documents; the image's code knows one."""
JOB, CHUNKS = "_job/job.json", "_job/chunks.jsonl"
KINDS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Formats by the ends of the files' names."""
UNREAD = (".pq", ".gz", ".zst", ".bz2", ".zip", ".tsv", ".avro", ".orc", ".feather", ".arrow")
"""Ends of files that certainly hold rows, in formats that aren't read."""
RESERVED = ("prediction", "warnings", "release")
"""Columns of the output that can't be kept columns."""
_CHUNKS = 32
_LEAST, _MOST = 1 << 20, 16 << 20
"""Bytes. A chunk is read in blocks, so that its size matters for retries and progress only."""


@dataclass(frozen=True)
class File:
    """An input.

    Attributes:
        uri: path or S3 URI.
        etag: changes whenever the content does.
        size: bytes.
        format: "csv", "jsonl" or "parquet".
    """

    uri: str
    etag: str
    size: int
    format: str


@dataclass(frozen=True)
class Settings:
    """What decides the content of the output.

    Attributes:
        release: of the function that scores.
        model_sha256: of its model's file.
        columns: of the inputs that go into the output.
        output: format of the parts, which `plan_job` decides.
        max_errors: rows that may fail; it may differ when a job continues.
    """

    release: str
    model_sha256: str
    columns: tuple[str, ...] = ()
    output: str = "jsonl"
    max_errors: int = 1000


@dataclass(frozen=True)
class Job:
    """A planned job.

    Attributes:
        settings: of the job.
        files: inputs.
        chunks: descriptors, in the order of the rows.
    """

    settings: Settings
    files: tuple[File, ...]
    chunks: tuple[dict[str, Any], ...]

    @property
    def size(self) -> int:
        """Bytes of all inputs."""
        return sum(file.size for file in self.files)

    def documents(self) -> tuple[bytes, bytes]:
        """Return `_job/job.json` and `_job/chunks.jsonl`; equal for equal jobs."""
        chunks = "".join(f"{json.dumps(one)}\n" for one in self.chunks).encode()
        settings = {**asdict(self.settings), "columns": list(self.settings.columns)}
        digest = hashlib.sha256(chunks).hexdigest()
        job = {"format": FORMAT, **settings, "chunks_sha256": digest}
        return json.dumps(job, indent=2).encode() + b"\n", chunks


def plan_job(files: Sequence[File], settings: Settings, size: int | None = None) -> Job:
    """Cut inputs into chunks.

    Args:
        files: inputs.
        settings: of the job.
        size: of a chunk in bytes; None for a size that depends on all inputs alone.

    Raises:
        MldeployError: MLD640 if there is nothing to score or a column can't be kept.
    """
    for name in settings.columns:
        if name in RESERVED:
            raise MldeployError(
                "MLD640",
                f"the column {name!r} can't be kept: the output has one of this name",
                "rename it in the input, or leave it out of --columns",
            )
    full = tuple(file for file in files if file.size)
    if not full:
        raise MldeployError(
            "MLD640",
            "the input has no rows: every file is empty" if files else "the input has no files",
            f"give a file, or a folder with files that end with {', '.join(KINDS)}",
        )
    settings = replace(settings, output=output_of(full))
    wanted = size or chunk_size(sum(file.size for file in full))
    return Job(settings, full, tuple(_numbered(cut(full, wanted), settings)))


def output_of(files: Iterable[File]) -> str:
    """Return the format of the output: Parquet if all inputs are, else JSON Lines."""
    return "parquet" if {file.format for file in files} == {"parquet"} else "jsonl"


def chunk_size(total: int) -> int:
    """Return the bytes of a chunk for inputs of this size."""
    return min(max(total // _CHUNKS, _LEAST), _MOST)


def cut(files: Iterable[File], size: int) -> Iterator[dict[str, Any]]:
    """Yield ranges of bytes; a range owns the lines or row groups that begin in it."""
    for file in files:
        for start in range(0, file.size, size):
            end = min(start + size, file.size)
            yield {"file": asdict(file), "start": start, "end": end}


def _numbered(chunks: Iterable[dict[str, Any]], settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield chunks with the names of their parts, which no other job has in the same output.

    A process that outlives its killed job may still write one.
    """
    decided = asdict(replace(settings, max_errors=0))
    for number, chunk in enumerate(chunks):
        content = json.dumps([decided, chunk], sort_keys=True).encode()
        yield {"part": f"part-{number:05}-{hashlib.sha256(content).hexdigest()[:8]}", **chunk}


def is_input(parts: Sequence[str]) -> bool:
    """Return whether a file below an input's folder is scored, or refused for its format.

    Names that begin with a dot or an underscore are left out, as Spark and Hive do, and files that
    hold no rows by their ends.

    Args:
        parts: of its path below the folder.
    """
    hidden = any(part.startswith((".", "_")) for part in parts)
    return not hidden and parts[-1].lower().endswith((*KINDS, *UNREAD))


def format_of(uri: str) -> str:
    """Return the format of a file by its name.

    Raises:
        MldeployError: MLD640 if it isn't supported: rows are refused, never left out.
    """
    for end, kind in KINDS.items():
        if uri.lower().endswith(end):
            return kind
    raise MldeployError(
        "MLD640",
        f"{uri} has a format that isn't supported",
        f"write its rows to a file that ends with {', '.join(KINDS)}",
    )


def overlap(source: object, output: object) -> MldeployError:
    """Return the error for an output that the next job would read, or that contains the input."""
    return MldeployError(
        "MLD640",
        f"{source} and {output} overlap: the next job would score this one's predictions",
        "give an output beside the input",
        exit_code=ExitCode.USAGE,
    )


def columns_of(text: str | None) -> tuple[str, ...]:
    """Return the names in "id,name", each once."""
    names = (name.strip() for name in (text or "").split(","))
    return tuple(dict.fromkeys(name for name in names if name))
