"""`python -m mldeploy.model.foreign_child REQUEST`: load a model that was fitted elsewhere.

In a process of its own, as training is: a pickle runs what it wants.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.model.bundle import FORMAT, MODEL
from mldeploy.model.child import Tell, answer_request
from mldeploy.model.data_checks import FEWEST_ROWS
from mldeploy.model.example import Example, read_example, targets
from mldeploy.model.example_data import Rows, rows_of
from mldeploy.model.fitted import Fitted
from mldeploy.model.foreign import load_estimator
from mldeploy.model.hooks import Hooks
from mldeploy.model.known import Known, known_of
from mldeploy.model.made_rows import made_rows
from mldeploy.model.pickles import dump, load
from mldeploy.model.reading import wrong
from mldeploy.model.record import file_facts
from mldeploy.model.steps import step
from mldeploy.model.tasks import served_of, task_of
from mldeploy.model.user_module import TrainingData


@dataclass(frozen=True)
class ImportRequest:
    """What to import, as paths, and where to.

    Attributes:
        root: the project's folder.
        model: the file.
        kind: as `foreign.kind_of` has it.
        example: a CSV or Parquet file, or None.
        target_column: the column of y among the example's, or None.
        types: those that the user gave, by column.
        trusted: types that a skops file may hold.
        target: where the bundle is made.
    """

    root: str
    model: str
    kind: str
    example: str | None
    target_column: str | None
    types: dict[str, str]
    trusted: list[str]
    target: str


@dataclass(frozen=True)
class _Given:
    """A loaded estimator with rows that it takes.

    Attributes:
        estimator: what is served.
        known: what it knows of its columns.
        rows: as it takes them.
        data: the rows with y, if the example has it.
        shown: whether the rows show ranges and categories of each column.
    """

    estimator: Any
    known: Known
    rows: Rows
    data: TrainingData
    shown: bool


def import_here(request: ImportRequest, tell: Tell) -> dict[str, Any]:
    """Load the model, ask it, and store it; return its facts.

    Raises:
        MldeployError: MLD24x; MLD214, MLD215 and MLD224 for what can't be served.
    """
    # The user's modules come after installed ones of the same name.
    sys.path.append(request.root)
    path = Path(request.example) if request.example else None
    example = read_example(path, request.target_column) if path else None
    if request.kind == "onnx":
        from mldeploy.model.onnx_model import onnx_facts

        facts = onnx_facts(Path(request.model), Path(request.target), example, request.types, tell)
    else:
        facts = _facts(request, example, tell)
    return {"format": FORMAT, **facts, "hooks": None}


def _facts(request: ImportRequest, example: Example | None, tell: Tell) -> dict[str, Any]:
    """Return the facts of an estimator from a pickle or a skops file, and store it."""
    from mldeploy.model.evaluation import measured

    path, target = Path(request.model), Path(request.target)
    estimator = step(
        tell,
        "load the model",
        lambda: served_of(load_estimator(path, request.kind, request.trusted)),
    )
    given = _given(estimator, example, request.types)
    _tell_of(given, example, tell)
    found = step(tell, "ask the estimator", lambda: _asked(given, request, example))
    measures = measured(estimator, given.data, task_of(estimator))
    dump(estimator, target / MODEL)
    return {
        **found,
        **measures,
        "model": {**found["model"], **file_facts(target, MODEL)},
        "modules": sorted(load(target / MODEL).modules),
    }


def _given(estimator: Any, example: Example | None, types: dict[str, str]) -> _Given:
    known = known_of(estimator)
    if example is None:
        rows = made_rows(known, types)
        return _Given(estimator, known, rows, TrainingData(rows.x, None, rows.names), shown=False)
    rows = rows_of(known, example, types)
    y = targets(example, getattr(estimator, "classes_", None))
    data = TrainingData(rows.x, y, rows.names)
    return _Given(estimator, known, rows, data, shown=example.rows >= FEWEST_ROWS)


def _tell_of(given: _Given, example: Example | None, tell: Tell) -> None:
    if given.rows.note:
        tell(Note(given.rows.note))
    if example is None:
        count = len(given.rows.x)
        text = (
            f"made {count} rows from what the model knows: there are no metrics; "
            "--example gives rows of your own"
        )
        tell(Note(text))


def _asked(given: _Given, request: ImportRequest, example: Example | None) -> dict[str, Any]:
    """Ask the estimator, and say of a failure which rows it fails on.

    Raises:
        MldeployError: MLD246 where it fails; MLD214, MLD215, MLD224.
    """
    from mldeploy.model.asking import asked
    from mldeploy.model.columns import features_of

    features = [_feature(one, given) for one in features_of(given.data)]
    fitted = Fitted(given.estimator, {}, {}, held_out=())
    try:
        return asked(fitted, given.data, given.data, features, Hooks(), Path(request.model))
    except MldeployError as error:
        if error.code != "MLD216":
            raise
        cause = error.__cause__
        said = f"{type(cause).__name__}: {cause}"
        where = f"the rows of {example.path}" if example else "the rows that were made for it"
        hint = "give rows as the model takes them; --types NAME=TYPE sets the type of a column"
        if example is None:
            hint = "give rows as the model takes them: --example rows.csv"
        raise wrong(f"the model fails on {where}: {said}", hint) from error


def _feature(feature: dict[str, Any], given: _Given) -> dict[str, Any]:
    """Return what is known of a column: the model's own categories before those of the rows.

    Few rows show no range and no categories: each request would get a warning.
    """
    columns = dict(zip(given.rows.names, given.known.columns, strict=False))
    column = columns.get(feature["name"], feature["name"])
    kind = given.known.types.get(column)
    if feature.get("storage") == "category":
        return feature
    found = dict(feature)
    if not given.shown:
        for key in ("minimum", "maximum", "categories"):
            found.pop(key, None)
    if kind and kind.kind == "text" and kind.categories and found["dtype"] == "string":
        found["categories"] = list(kind.categories)
    return found


def main() -> int:
    """Import what the request names, and leave an outcome beside it."""
    return answer_request(ImportRequest, import_here)


if __name__ == "__main__":
    sys.exit(main())
