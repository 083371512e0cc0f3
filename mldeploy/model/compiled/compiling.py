"""Compiles a fitted estimator, and proves the result."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mldeploy.model.compiled.converting import Converter, borders, trees
from mldeploy.model.compiled.gate.asking import Asked, Clean, of_estimator
from mldeploy.model.compiled.gate.borders import rows_at
from mldeploy.model.compiled.gate.cases import Case, Outcome
from mldeploy.model.compiled.gate.judging import TOLERANCE, judged
from mldeploy.model.compiled.gate.paths import Paths, paths_of
from mldeploy.model.compiled.gate.rows import kinds_of_rows
from mldeploy.model.compiled.gate.speed import requests_of, slower
from mldeploy.model.compiled.nodes import Node, NotCompilableError
from mldeploy.model.compiled.saving import save


@dataclass(frozen=True)
class Compiled:
    """What was proved of a compiled model.

    Attributes:
        points: the count of values that were compared.
        largest: the largest relative difference of a number.
        splits: the count of splits of trees with rows of their own.
        of_splits: the count of all splits of trees.
        slower: for which requests it takes longer than its estimator; "" for none.
    """

    points: int
    largest: float
    splits: int
    of_splits: int
    slower: str = ""

    def as_facts(self) -> dict[str, Any]:
        """Return it as data that is the same each time."""
        return {name: value for name, value in asdict(self).items() if name != "slower"}

    def __str__(self) -> str:
        """Return a summary."""
        found = "equal to the last bit" if not self.largest else f"equal within {self.largest:.0e}"
        share = "" if self.splits == self.of_splits else f" of {self.of_splits}"
        trees_ = f", {self.splits}{share} splits of trees" if self.of_splits else ""
        return f"{self.points} values{trees_}: {found}"


def compile_model(estimator: Any, x: Any, methods: tuple[str, ...], asked: Asked) -> Compiled:
    """Write the compiled form of an estimator, if both predict the same.

    Args:
        estimator: fitted.
        x: X of training, in the form of requests and of the estimator.
        methods: that the endpoint calls: "predict", "predict_proba".
        asked: the file to write, and the signature.

    Raises:
        NotCompilableError: if a step isn't known, or a prediction differs.
    """
    _require_columns(asked)
    _require_varied(x)
    converter = Converter(list(x.columns) if hasattr(x, "columns") else None)
    converter.convert(estimator)
    return proved(converter, x, methods, asked)


def proved(converter: Converter, x: Any, methods: tuple[str, ...], asked: Asked) -> Compiled:
    """Write converted nodes, and compare them with their estimators.

    Args:
        converter: the estimator and its node come last.
        x: as above, and the others.
        methods: as above.
        asked: as above.

    Raises:
        NotCompilableError: if a prediction differs.
    """
    estimator, root = converter.pairs[-1]
    ids = save(root, converter.pairs, asked.file)
    forests = list(_forests(converter, ids))
    questions = [
        *(_Question(case, estimator) for case in _whole(estimator, x, methods)),
        *(_Question(one.case, one.estimator, one.ask) for one in forests),
        *_at_borders(converter, ids),
    ]
    cases = [one.case for one in questions]
    tolerance = TOLERANCE if converter.rounds else 0.0
    requests = requests_of(x)
    with Clean(asked, cases, methods, requests) as clean:
        compared = _compared(questions, clean.outcomes(), tolerance)
        slow = slower(estimator, x, methods, requests, clean.seconds)
    splits = [one.paths for one in forests]
    counts = sum(one.splits for one in splits), sum(one.of for one in splits)
    return Compiled(*compared, *counts, slow)


def _compared(
    questions: list["_Question"], found: list[list[Outcome]], tolerance: float
) -> tuple[int, float]:
    """Return how many values were compared, and the largest difference.

    Raises:
        NotCompilableError: if a prediction differs.
    """
    points, largest = 0, 0.0
    for question, outcomes in zip(questions, found, strict=True):
        verdict = judged(question.case, question.truth(), outcomes, tolerance)
        if verdict.difference:
            where = f", row {verdict.row}" if verdict.row >= 0 else ""
            raise NotCompilableError(f"{question.case.what}{where}: {verdict.difference}")
        points, largest = points + verdict.points, max(largest, verdict.largest)
    return points, largest


@dataclass(frozen=True)
class _Question:
    """A case, and who knows the truth.

    Attributes:
        case: for both forms.
        estimator: the fitted one.
        tree: answers for one tree, for a case of trees.
    """

    case: Case
    estimator: Any
    tree: Callable[[int, Any], Any] | None = None

    def truth(self) -> list[Outcome]:
        """Return the estimator's outcomes."""
        return of_estimator(self.estimator, self.case, self.tree)


def _require_columns(asked: Asked) -> None:
    """Refuse columns that a table without pandas can't hold."""
    for feature in asked.features:
        if feature["dtype"] == "datetime" or "intervals" in feature:
            raise NotCompilableError(f"column {feature['name']!r} holds times or intervals")


def _require_varied(x: Any) -> None:
    """Refuse columns of pandas' own integers and booleans with gaps, which the rows can't vary."""
    for name, column in x.items() if hasattr(x, "columns") else ():
        kind = getattr(getattr(column.dtype, "numpy_dtype", None), "kind", "")
        if kind in tuple("iub") and column.isna().any():
            raise NotCompilableError(f"column {name!r} is {column.dtype} with missing values")


def _whole(estimator: Any, x: Any, methods: tuple[str, ...]) -> Iterator[Case]:
    """Yield the cases for the whole model."""
    for kind in kinds_of_rows(x):
        alone = kind.alone or _fails(getattr(estimator, methods[0]), kind.x)
        yield Case(kind.what, kind.x, methods, alone)


def _at_borders(converter: Converter, ids: Mapping[Node, int]) -> Iterator[_Question]:
    """Yield rows for inner steps whose output changes at some values: few rows hit them."""
    for estimator, node in converter.pairs:
        tell = borders().get(type(estimator).__qualname__)
        known = tell(estimator) if tell and ids[node] else []
        if any(len(one) for one in known):
            what = f"borders of {type(estimator).__name__}"
            case = Case(what, rows_at(known), ("transform",), node=ids[node])
            yield _Question(case, estimator)


def _fails(call: Callable[[Any], Any], x: Any) -> bool:
    """Return whether rows raise an error, so that each must be asked alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(x)
    except Exception:  # noqa: BLE001 - whatever an estimator raises
        return True
    return False


@dataclass(frozen=True)
class _Forest:
    """The trees of an estimator inside the model.

    Attributes:
        estimator: fitted.
        case: rows for its trees.
        paths: the same rows, with counts.
        ask: returns the outputs of a tree for rows.
    """

    estimator: Any
    case: Case
    paths: Paths
    ask: Callable[[int, Any], Any]


def _forests(converter: Converter, ids: Mapping[Node, int]) -> Iterator[_Forest]:
    for estimator, node in converter.pairs:
        tell = trees().get(type(estimator).__qualname__)
        if tell is None:
            continue
        found, ask = tell(estimator)
        paths = paths_of(found, ask)
        if len(paths.x):
            what = f"splits of {type(estimator).__name__}"
            case = Case(what, paths.x, ("tree",), node=ids[node], trees=paths.counts)
            yield _Forest(estimator, case, paths, ask)
