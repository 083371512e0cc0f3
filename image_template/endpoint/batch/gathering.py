"""Between and after the chunks: says what is still to do, and completes the output at the end.

errors/part-….jsonl: the rows without a prediction, by their number in the file.
_SUCCESS: last; counts, release, model and time.
"""

import hashlib
import io
import json
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from endpoint.batch.stores import Store

Document = dict[str, Any]


class TooManyErrorsError(Exception):
    """More rows than the job allows don't fit the model."""


TODO = "_job/chunks-todo.jsonl"
_PART = re.compile(r"part-[0-9]{5,}-[0-9a-f]{8}\.(jsonl|parquet)")
_AT_ONCE = 16
"""Records that are read at the same time."""


def gather(job: Document, store: Store) -> Document:
    """Return what is still to do; if nothing is, complete the output.

    May be called at any time while no chunk is being scored, and again after a crash.

    Returns:
        "again": how many chunks are to be scored; "chunks": the file in the output that lists
        them; and the counts so far: "rows", "errors", "warned", "done" and "parts".

    Raises:
        TooManyErrorsError: if the job has more errors than it may have.
        RuntimeError: if the list of chunks isn't the job's.
    """
    planned = _planned(job, store)
    records = _records(job, store)
    chunks = list(_effective(planned, records))
    todo = [one for one in chunks if one["part"] not in records]
    done = [records[one["part"]] for one in chunks if one["part"] in records]
    counts = {
        **{name: sum(one[name] for one in done) for name in ("rows", "errors", "warned")},
        "done": len(done),
        "parts": len(chunks),
    }
    _require_few(job, chunks, records)
    _delete_others(job, store, planned, chunks)
    if todo:
        _put(store, TODO, _text(todo))
        return {"again": len(todo), "chunks": TODO, **counts}
    _complete(job, store, chunks, records, counts)
    return {"again": 0, **counts}


def _require_few(job: Document, chunks: list[Document], records: dict[str, Document]) -> None:
    """Refuse too many errors.

    A CSV's errors count when all its chunks are done: one of them may find that it can't be cut.

    Raises:
        TooManyErrorsError: with the place of the reasons.
    """
    errors = 0
    for _, group in groupby(chunks, key=lambda chunk: chunk["file"]["uri"]):
        file = list(group)
        found = [records[one["part"]] for one in file if one["part"] in records]
        if len(found) == len(file) or file[0]["file"]["format"] != "csv":
            errors += sum(one["errors"] for one in found)
    if errors > job["max_errors"]:
        raise TooManyErrorsError(
            f"{errors} or more rows don't fit the model; {job['max_errors']} are allowed"
        )


def _planned(job: Document, store: Store) -> list[Document]:
    raw = store.get("_job/chunks.jsonl") or b""
    if hashlib.sha256(raw).hexdigest() != job["chunks_sha256"]:
        raise RuntimeError("_job/chunks.jsonl isn't the list of this job's chunks")
    return _lines(raw)


def _effective(planned: list[Document], records: dict[str, Document]) -> Iterator[Document]:
    """Yield the chunks whose parts make the output, in the order of the rows.

    A file that can't be cut is one chunk in place of the planned ones.
    """
    for _, group in groupby(planned, key=lambda chunk: chunk["file"]["uri"]):
        chunks = list(group)
        if any(records.get(one["part"], {}).get("again") for one in chunks):
            yield whole(chunks[0])
        else:
            yield from chunks


def whole(first: Document) -> Document:
    """Return the chunk that reads a whole file, of the first of its chunks."""
    file = first["file"]
    number = first["part"].rpartition("-")[0]
    digest = hashlib.sha256(f"{first['part']} as a whole".encode()).hexdigest()[:8]
    return {"part": f"{number}-{digest}", "file": file, "start": 0, "end": file["size"]}


def _records(job: Document, store: Store) -> dict[str, Document]:
    """Return the records of chunks by their parts' names.

    A record whose part isn't there, or has another size, doesn't count.
    """
    sizes = {name.partition(".")[0]: size for name, size in store.sizes("part-").items()}
    names = list(store.sizes("_job/done/"))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        contents = list(threads.map(store.get, names))
    found = {}
    for name, content in zip(names, contents, strict=True):
        record = json.loads(content or b"{}")
        part = record.get("part", "")
        # More errors may be allowed now than when the chunk was stopped.
        stopped = record.get("stopped") and record["errors"] > job["max_errors"]
        if record.get("again") or stopped or record.get("bytes") == sizes.get(part, 0):
            found[part] = record
        else:
            store.delete([name])
    return found


def _delete_others(
    job: Document, store: Store, planned: list[Document], chunks: list[Document]
) -> None:
    """Delete the parts of a file that is read again."""
    others = {one["part"] for one in planned} - {one["part"] for one in chunks}
    store.delete(f"{part}.{job['output']}" for part in sorted(others))


def _complete(
    job: Document,
    store: Store,
    chunks: list[Document],
    records: dict[str, Document],
    counts: Document,
) -> None:
    if store.get("_SUCCESS") is not None:
        return
    for uri, group in groupby(chunks, key=lambda chunk: chunk["file"]["uri"]):
        before = 0
        for part in (chunk["part"] for chunk in group):
            record = records[part]
            if record["errors"]:
                _put(store, f"errors/{part}.jsonl", _text(_errors(store, part, uri, before)))
            before += record["rows"]
    # A process that outlived a killed job may have written a part of that job.
    known = {f"{chunk['part']}.{job['output']}" for chunk in chunks}
    strays = [name for name in store.sizes("part-") if _PART.fullmatch(name)]
    store.delete(name for name in strays if name not in known)
    store.delete([*store.sizes("_job/tmp/"), TODO])
    facts = {name: job[name] for name in ("release", "model_sha256")}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    _put(store, "_SUCCESS", json.dumps({**counts, **facts, "time": now}, indent=2) + "\n")


def _errors(store: Store, part: str, uri: str, before: int) -> Iterator[Document]:
    for error in _lines(store.get(f"_job/errors/{part}.jsonl") or b""):
        yield {"file": uri, "row": before + error["row"], "reason": error["reason"]}


def _lines(raw: bytes) -> list[Document]:
    return [json.loads(line) for line in raw.splitlines()]


def _text(documents: Iterable[Document]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in documents)


def _put(store: Store, name: str, text: str) -> None:
    store.put(name, io.BytesIO(text.encode()))
