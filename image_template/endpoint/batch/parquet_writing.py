"""Writes the predictions of a chunk as Parquet.

The columns are those of JSON Lines as `pandas.json_normalize(…, sep="_")` names them: the kept
ones, `prediction_class_label`, `prediction_probabilities_yes`, …, `warnings` and `release`. Their
types come from the input's file and from the model, not from values, so that all parts are alike.
What a `postprocess` hook returns may have any shape: it is JSON text in one column, `prediction`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from endpoint.batch.stores import InputError
from endpoint.frameworks.predictor import Answer, Facts

_ENCODE = json.JSONEncoder(allow_nan=False).encode
_GROUP = 100_000
"""Rows of a row group."""
_UNFIT = (KeyError, TypeError, ValueError, pa.ArrowException)
"""Raised for answers that don't fit the columns."""
Path = tuple[str, ...]
"""Keys to a value inside an answer: ("probabilities", "yes"); () for the answer as JSON text."""


class ParquetWriter:
    """Writes Parquet. See `Writer`.

    Args:
        stream: of the part.
        release: the value of the last column.
        facts: of the model.
    """

    def __init__(self, stream: IO[bytes], release: str, facts: Facts) -> None:
        self._stream, self._release, self._facts = stream, release, facts
        self._paths: dict[Path, Any] = {}
        self._file: Any = None
        self._waiting: list[Any] = []

    def write(
        self, kept: Mapping[str, Any], answers: list[Answer], warnings: list[int]
    ) -> dict[int, str]:
        """Write rows, and return the reasons of those whose answers don't fit the columns.

        Raises:
            InputError: if two columns of the output would have the same name.
        """
        if not answers:
            return {}
        if self._file is None:
            self._begin(kept, answers[0])
        failed: dict[int, str] = {}
        try:
            arrays = self._arrays(answers)
        except _UNFIT:
            failed = {n: why for n, answer in enumerate(answers) if (why := self._wrong(answer))}
            fine = [n not in failed for n in range(len(answers))]
            kept = {name: column.where(fine) for name, column in kept.items()}
            answers = list(compress(answers, fine))
            warnings = list(compress(warnings, fine))
            arrays = self._arrays(answers)
        first = [column.array for column in kept.values()]
        last = [pa.array(warnings, pa.int64()), pa.array([self._release] * len(answers))]
        self._waiting.append(pa.Table.from_arrays([*first, *arrays, *last], schema=self._schema))
        if sum(map(len, self._waiting)) >= _GROUP:
            self._flush()
        return failed

    def finish(self) -> None:
        """Write what is waiting, and the footer."""
        if self._file is not None:
            self._flush()
            self._file.close()

    def _begin(self, kept: Mapping[str, Any], answer: Answer) -> None:
        """Decide the columns. An answer shows which values the model's answers have."""
        if (self._facts.get("hooks") or {}).get("postprocess"):
            self._paths = {(): pa.string()}
        else:
            signature = self._facts["signature"]
            self._paths = {path: _type_of(path, signature) for path in _leaves(answer)}
        fields = [(name, column.array.type) for name, column in kept.items()]
        fields += [("_".join(("prediction", *path)), kind) for path, kind in self._paths.items()]
        fields += [("warnings", pa.int64()), ("release", pa.string())]
        names = [name for name, _ in fields]
        for name in names:
            if names.count(name) > 1:
                raise InputError(
                    f"the output would have two columns {name!r}; don't keep the input's"
                )
        self._schema = pa.schema(fields)
        self._file = pq.ParquetWriter(self._stream, self._schema)

    def _arrays(self, answers: Sequence[Answer]) -> list[Any]:
        return [
            pa.array([_at(answer, path) for answer in answers], kind)
            for path, kind in self._paths.items()
        ]

    def _wrong(self, answer: Answer) -> str:
        try:
            self._arrays([answer])
        except _UNFIT:
            valid = "valid JSON" if () in self._paths else "of the model's usual shape"
            return f"the prediction isn't {valid}"
        return ""

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting))
            self._waiting = []


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path


def _at(answer: Any, path: Path) -> Any:
    if not path:
        return _ENCODE(answer)
    for name in path:
        answer = answer[name]
    return answer


def _type_of(path: Path, signature: Facts) -> Any:
    """Return the type of a value of the answers that `endpoint.frameworks` makes."""
    match path:
        case ("class_label",):
            return _type_of_labels(signature["classes"])
        case ("outputs", name, "class_label"):
            known = {one["name"]: one["classes"] for one in signature["outputs"]}
            return _type_of_labels(known[name])
        case ("class_name",) | ("outputs", _, "class_name"):
            return pa.string()
        case ("outlier",):
            return pa.bool_()
        case ("cluster",):
            return pa.int64()
        case _:
            return pa.float64()


def _type_of_labels(labels: Sequence[Any]) -> Any:
    kinds = set(map(type, labels))
    if kinds == {bool}:
        return pa.bool_()
    if kinds <= {int, float}:
        return pa.int64() if kinds == {int} else pa.float64()
    return pa.string()
