"""Random files to score, with the truth about their rows, and jobs on them.

The files are written by the csv and json modules, and by Polars, which has its own Parquet. What
each row's prediction is, the fitted estimator says in plain Python. Nothing here imports the
endpoint's readers.
"""

import csv
import hashlib
import importlib
import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import pandas as pd
import polars as pl

from tests.support.models import Served

COLUMNS = ("age", "weight", "smoker", "city", "plan", "note")
_TEXTS = ("", "plain", "a,b", 'say "no"', "Köln ☃", "semi;colon", "tab\there", "'", "café", "null")
_BROKEN = ("two\nlines", "three\r\nlines\n", '"\n"', "\n")
Row = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """A row, and the estimator's own prediction; None if the row doesn't fit the model."""

    row: Row
    label: str | None = None
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Truth:
    """Rows of every sort, predicted by the fitted estimator."""

    good: tuple[Known, ...]
    bad: tuple[Known, ...]
    classes: tuple[str, ...]


def truth(bundle: Path, rows: int, seed: int) -> Truth:
    """Make rows, and predict them in one call of the estimator that training fitted on FRAME."""
    fitted = joblib.load(bundle / "model.joblib")
    chance = random.Random(seed)  # noqa: S311
    made = [_row(chance) for _ in range(rows)]
    frame = pd.DataFrame(made, columns=list(COLUMNS)).astype({"weight": "float64"})
    labels, scores = fitted.predict(frame).tolist(), fitted.predict_proba(frame).tolist()
    good = tuple(map(Known, made, labels, map(tuple, scores)))
    bad = tuple(Known(_bad(chance)) for _ in range(50))
    return Truth(good, bad, tuple(fitted.classes_.tolist()))


def _row(chance: random.Random) -> Row:
    return {
        "age": chance.randrange(-5, 200),
        "weight": None if chance.random() < 0.2 else round(chance.uniform(0, 200), 3),
        "smoker": chance.random() < 0.5,
        "city": chance.choice(("Bonn", "Köln", "Ulm", "Paris, Texas")),
        "plan": chance.choice(("basic", "plus")),
        "note": chance.choice(_TEXTS[1:]) + str(chance.randrange(9)),
    }


def _bad(chance: random.Random) -> Row:
    wrong = {"age": "old", "weight": "1_0", "smoker": "maybe", "plan": "gold"}
    name = chance.choice(list(wrong))
    return {**_row(chance), name: wrong[name]}


@dataclass(frozen=True)
class Written:
    """A file and its rows, in their order."""

    content: bytes
    format: str
    rows: tuple[Known, ...]


def written(chance: random.Random, known: Truth, kind: str) -> Written:
    """Write up to 40 rows as a file of a kind.

    Args:
        chance: decides all else.
        known: rows.
        kind: "csv", "broken" (quoted line ends), "jsonl" or "parquet".
    """
    most_bad = chance.choice((0.0, 0.0, 0.2, 0.6))
    bad = [one for one in known.bad if kind != "parquet" or one.row["plan"] == "gold"]
    rows = tuple(
        chance.choice(bad if chance.random() < most_bad else known.good)
        for _ in range(chance.choice((0, 1, 2, 5, 20, 40)))
    )
    writer = {"jsonl": _json, "parquet": _parquet}.get(kind, _csv)
    content = writer(chance, rows, broken=kind == "broken")
    return Written(content, kind if kind in {"jsonl", "parquet"} else "csv", rows)


def _parquet(chance: random.Random, rows: Sequence[Known], *, broken: bool) -> bytes:
    """Write row groups of a random size; texts are encoded in two ways."""
    del broken
    types: dict[str, Any] = {
        "id": pl.String, "age": chance.choice((pl.Int16, pl.Int32, pl.Int64)),
        "weight": pl.Float64, "smoker": pl.Boolean, "comment": pl.List(pl.Int8),
        **dict.fromkeys(("city", "plan", "note"), chance.choice((pl.String, pl.Categorical))),
    }  # fmt: skip
    made = [{"id": f"r{n}", "comment": [n], **one.row} for n, one in enumerate(rows)]
    names = chance.sample(list(types), len(types))
    frame = pl.DataFrame(made, {name: types[name] for name in names})
    stream = io.BytesIO()
    style: Any = chance.choice(("zstd", "snappy", "gzip", "lz4", "uncompressed"))
    frame.write_parquet(
        stream, compression=style, row_group_size=chance.choice((1, 3, 7, 20, 1000))
    )
    return stream.getvalue()


def _json(chance: random.Random, rows: Sequence[Known], *, broken: bool) -> bytes:
    del broken
    end = chance.choice(("\n", "\r\n"))
    lines = []
    for number, one in enumerate(rows):
        row = {"id": f"r{number}", **one.row}
        names = chance.sample(list(row), len(row))
        ascii_only = chance.random() < 0.5
        lines.append(json.dumps({name: row[name] for name in names}, ensure_ascii=ascii_only))
        lines += [""] * (chance.random() < 0.1)
    text = end.join(lines) + (end if chance.random() < 0.7 else "")
    return (b"\xef\xbb\xbf" if chance.random() < 0.2 else b"") + text.encode()


def _csv(chance: random.Random, rows: Sequence[Known], *, broken: bool) -> bytes:
    names = ["id", *COLUMNS, "comment"]
    chance.shuffle(names)
    end = chance.choice(("\n", "\r\n"))
    stream = io.StringIO(newline="")
    style: Any = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    writer = csv.DictWriter(stream, names, lineterminator=end, quoting=style)
    stream.write(end * chance.choice((0, 0, 1, 3)))
    writer.writeheader()
    for number, one in enumerate(rows):
        comment = chance.choice(_TEXTS)
        if broken and chance.random() < 0.3:
            comment = chance.choice(_BROKEN) + comment
        fields = {name: _field(chance, value) for name, value in one.row.items()}
        writer.writerow({"id": f"r{number}", "comment": comment, **fields})
        stream.write(end * (chance.random() < 0.1))
    text = stream.getvalue()
    if chance.random() < 0.3:
        text = text.removesuffix(end)
    return (b"\xef\xbb\xbf" if chance.random() < 0.2 else b"") + text.encode()


def _field(chance: random.Random, value: Any) -> Any:
    if isinstance(value, bool):
        return chance.choice((str(value), str(value).lower()))
    if isinstance(value, float):
        return chance.choice((repr(value), f"{value:.3f}", f"{value * 1000:.0f}e-3"))
    return value


def image_of(handler: Callable[[Any, Any], Any], *more: str) -> SimpleNamespace:
    """Return the batch code beside a handler, and its model; call it through `inside`."""
    names = ("scoring", "gathering", "stores", *more)
    found = {name: importlib.import_module(f"endpoint.batch.{name}") for name in names}
    model = handler.__globals__["MODEL"]
    return SimpleNamespace(model=model, inside=Served(_called), **found)


def _called(work: Callable[[], Any], _context: Any) -> Any:
    return work()


@dataclass
class Job:
    """A job on files in a folder, cut anywhere."""

    document: dict[str, Any]
    output: Path
    files: tuple[Written, ...]
    paths: tuple[Path, ...]


def planned(
    chance: random.Random, files: Sequence[Written], folder: Path, model: str, **more: Any
) -> Job:
    """Write the files and a job that cuts them at random bytes."""
    output = folder / "out"
    (output / "_job").mkdir(parents=True)
    chunks: list[str] = []
    paths = []
    for number, file in enumerate(files):
        path = folder / f"in-{number}.{file.format}"
        path.write_bytes(file.content)
        paths.append(path)
        facts, size = path.stat(), len(file.content)
        etag = f"{facts.st_mtime_ns}-{size}"
        shown = {"uri": str(path), "etag": etag, "size": size, "format": file.format}
        cuts = sorted({0, size, *(chance.randrange(size + 1) for _ in range(_cuts(chance)))})
        for start, end in zip(cuts, cuts[1:] or [size], strict=False):
            where = {"file": shown, "start": start, "end": end}
            digest = hashlib.sha256(json.dumps(where).encode()).hexdigest()[:8]
            chunks.append(json.dumps({"part": f"part-{len(chunks):05}-{digest}", **where}))
    raw = "".join(f"{one}\n" for one in chunks).encode()
    (output / "_job/chunks.jsonl").write_bytes(raw)
    document = {
        "format": 1,
        "release": "",
        "model_sha256": model,
        "columns": ["id"],
        "output": "parquet" if {one.format for one in files} == {"parquet"} else "jsonl",
        "max_errors": 1000,
        "chunks_sha256": hashlib.sha256(raw).hexdigest(),
        **more,
    }
    (output / "_job/job.json").write_text(json.dumps(document))
    return Job(document, output, tuple(files), tuple(paths))


def _cuts(chance: random.Random) -> int:
    return chance.choice((0, 1, 2, 3, 6))


def differences(job: Job, known: Truth) -> Iterator[str]:
    """Yield how an output differs from the truth: rows lost, doubled, moved or predicted else."""
    found = [row for path in parts(job.output) for row in _rows_of(path, known)]
    wanted = [
        (f"r{number}", one)
        for file in job.files
        for number, one in enumerate(file.rows)
        if one.label is not None
    ]
    if [row["id"] for row in found] != [name for name, _ in wanted]:
        yield f"rows {[row['id'] for row in found]}, wanted {[name for name, _ in wanted]}"
        return
    for row, (name, one) in zip(found, wanted, strict=True):
        answer = row["prediction"]
        scores = [answer["probabilities"][label] for label in known.classes]
        if answer["class_label"] != one.label or any(
            abs(a - b) > 1e-9 for a, b in zip(scores, one.probabilities, strict=True)
        ):
            yield f"{name}: {answer}, wanted {one}"
    errors = [json.loads(line) for path in parts(job.output / "errors") for line in _lines(path)]
    refused = [
        (str(path), number)
        for path, file in zip(job.paths, job.files, strict=True)
        for number, one in enumerate(file.rows)
        if one.label is None
    ]
    if [(error["file"], error["row"]) for error in errors] != refused:
        yield f"errors {errors}, wanted {refused}"


def parts(folder: Path) -> list[Path]:
    """Return the parts of a folder in the order of their names."""
    return sorted(folder.glob("part-*"))


def _rows_of(path: Path, known: Truth) -> Iterator[dict[str, Any]]:
    if path.suffix == ".jsonl":
        yield from map(json.loads, _lines(path))
        return
    for row in pl.read_parquet(path).to_dicts():
        scores = {label: row[f"prediction_probabilities_{label}"] for label in known.classes}
        answer = {"class_label": row["prediction_class_label"], "probabilities": scores}
        yield {"id": row["id"], "prediction": answer}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


class CrashError(Exception):
    """The process died here."""


class Crashing:
    """A store that dies at one of its writes: before it, or after it and before the answer.

    Args:
        store: the real one.
        at: the number of the write, from 0; later ones succeed.
        before: whether it dies before the write.
    """

    def __init__(self, store: Any, at: int, *, before: bool) -> None:
        self._store, self._at, self._before, self.writes = store, at, before, 0

    def __getattr__(self, name: str) -> Any:
        """Return the real store's method."""
        return getattr(self._store, name)

    def put(self, name: str, content: Any) -> None:
        """Write."""
        self._write(lambda: self._store.put(name, content))

    def delete(self, names: Any) -> None:
        """Delete."""
        for name in list(names):
            self._write(partial(self._store.delete, [name]))

    def _write(self, work: Callable[[], None]) -> None:
        mine = self.writes == self._at
        self.writes += 1
        if mine and self._before:
            raise CrashError
        work()
        if mine:
            raise CrashError


class Stale:
    """A store that shows no record: another process scores the same chunk at the same time."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        """Return the real store's method."""
        return getattr(self._store, name)

    def get(self, name: str) -> bytes | None:
        """Return a file that isn't a record."""
        found: bytes | None = None if "/done/" in name else self._store.get(name)
        return found
