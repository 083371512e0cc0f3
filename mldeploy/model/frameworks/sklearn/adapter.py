"""Fitted estimators from pickles and skops files: their rows, predictions and facts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from mldeploy.config.training import Publish
from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.model.child import Tell
from mldeploy.model.compiled.serving import Fit, compiled_too
from mldeploy.model.data.columns import MOST_CATEGORIES, Feature, features_of
from mldeploy.model.data.data_checks import FEWEST_ROWS
from mldeploy.model.data.encoders import Learnt
from mldeploy.model.data.publishing import Wish
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.foreign.example import Example, targets
from mldeploy.model.foreign.files import load_estimator
from mldeploy.model.foreign.reading import unknown, wrong
from mldeploy.model.forms import SKLEARN, in_one_form
from mldeploy.model.frameworks.base import Facts, Given
from mldeploy.model.frameworks.sklearn.example_data import Rows, rows_of
from mldeploy.model.frameworks.sklearn.known import known_of
from mldeploy.model.frameworks.sklearn.made_rows import made_rows
from mldeploy.model.record import size_of
from mldeploy.model.steps import step

Found = TypeVar("Found")


class Sklearn:
    """See `Adapter`."""

    def imported(self, given: Given, target: Path, tell: Tell) -> Facts:
        """Load the estimator, predict with it, and pickle it.

        Raises:
            MldeployError: MLD214, MLD215, MLD218, MLD224, MLD24x.
        """
        from mldeploy.model.tasks import served_of

        served = step(
            tell,
            "load the model",
            lambda: served_of(load_estimator(given.path, given.kind, given.trusted)),
            lambda found: type(found).__name__,
        )
        rows = rows_for(served, given.example, given.types)
        if rows.note:
            tell(Note(rows.note))
        facts = step(
            tell,
            "ask the model",
            lambda: facts_of(served, rows, given.example, target, given.publish),
            size_of,
        )
        return compiled_too(Fit(served, rows.x), facts, target, given.compile, tell)


def rows_for(estimator: Any, example: Example | None, types: Mapping[str, str]) -> Rows:
    """Return rows to predict: the example's, or generated from the fitted model.

    Raises:
        MldeployError: MLD246 if they don't fit, or if the model contains too little information.
    """
    known = known_of(estimator)
    if example is None:
        return made_rows(known, types)
    rows = rows_of(known, example, types)
    if known.names or known.count or not hasattr(rows.x, "shape") or rows.x.ndim == 1:
        return rows
    return _answered(estimator, rows)


def _answered(estimator: Any, rows: Rows) -> Rows:
    """Return the rows as an array or as a DataFrame, for a model without information about them."""
    import pandas as pd

    from mldeploy.model.proof.outputs import ask
    from mldeploy.model.tasks import task_of

    if hasattr(rows.x, "columns"):
        return rows
    try:
        ask(estimator, rows.x, task_of(estimator))
    except Exception:  # noqa: BLE001 - whatever a look-up by the name of a column raises
        return replace(rows, x=pd.DataFrame(rows.x, columns=list(rows.names)))
    return rows


def facts_of(
    estimator: Any, rows: Rows, example: Example | None, target: Path, publish: Publish = None
) -> Facts:
    """Save a model and return its facts, with the truth.

    Args:
        estimator: fitted.
        rows: to predict.
        example: their source; None for generated rows.
        target: the bundle's folder.
        publish: [publish] categories.

    Raises:
        MldeployError: MLD214, MLD215, MLD218, MLD224, MLD246.
    """
    from mldeploy.model.fitted import Fitted
    from mldeploy.model.frameworks.sklearn.asking import asked
    from mldeploy.model.hooks import Hooks
    from mldeploy.model.needs.pickles import dump, load

    data = _data(estimator, rows, example)
    measured = _measured(estimator, data, example)
    fitted = Fitted(estimator, measured["metrics"], measured["evaluation"], ())
    features = _of_example(lambda: features_of(data))
    dump(estimator, target / SKLEARN.file)
    loaded = load(target / SKLEARN.file)
    # Counts of values in generated rows say nothing about training.
    wish = Wish(publish, counted=example is not None)
    facts = _of_example(
        lambda: asked(fitted, loaded.estimator, data, data, features, Hooks(), target, wish)
    )
    few = example is None or example.rows < FEWEST_ROWS
    encoders = known_of(estimator).encoders
    described = [
        _feature(one, _encoder(encoders, one, place), publish, few=few)
        for place, one in enumerate(facts["signature"]["features"])
    ]
    return {
        **facts,
        **measured,
        "signature": {**facts["signature"], "features": described},
        "model": in_one_form(SKLEARN, target, facts["model"]),
        "modules": sorted(loaded.modules),
        "data_sha256": _digest(data),
    }


def _data(estimator: Any, rows: Rows, example: Example | None) -> TrainingData:
    """Return the rows and the known y; for a classifier of several outputs, its own classes."""
    from mldeploy.model.proof.outputs import ask
    from mldeploy.model.tasks import SUPERVISED, task_of

    task = task_of(estimator)
    y = targets(example, getattr(estimator, "classes_", None)) if (
        example is not None and task in SUPERVISED
    ) else None  # fmt: skip
    data = TrainingData(rows.x, y, rows.names)
    if y is None and task == "classification":
        found = _asking(lambda: ask(estimator, rows.x, task), made=example is None)
        return replace(data, y=found.answers) if found.answers.ndim > 1 else data
    return data


def _measured(estimator: Any, data: TrainingData, example: Example | None) -> Facts:
    """Return metrics if the example has a target of one output."""
    from mldeploy.model.measures.evaluation import measured
    from mldeploy.model.tasks import task_of

    given = example is not None and example.target is not None
    known = data if given else replace(data, y=None)
    found = _asking(lambda: measured(estimator, known, task_of(estimator)), made=not given)
    if example is None:
        found["evaluation"]["source"] = "model"
    return found


def _asking(work: Callable[[], Found], *, made: bool) -> Found:
    """Ask the model; what it raises arrives as what it is.

    Raises:
        MldeployError: MLD246.
    """
    try:
        return work()
    except MldeployError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        if made:
            raise unknown(f"it fails on generated rows: {said}") from error
        raise _fails(said) from error


def _fails(said: str) -> MldeployError:
    return wrong(
        f"the model fails on the example rows: {said}",
        "pass the model's input rows; --types NAME=TYPE changes how a column is read",
    )


def _of_example(work: Callable[[], Found]) -> Found:
    """Do what training does, whose advice is for a train module, and advise of the example."""
    try:
        return work()
    except MldeployError as error:
        if error.code == "MLD216":
            raise _fails(error.message.partition(": ")[2]) from error
        if error.code == "MLD215":
            raise wrong(
                f"the example can't be used: {error.message}", "change these rows"
            ) from error
        raise


def _encoder(encoders: Mapping[Any, Learnt], feature: Feature, place: int) -> Learnt | None:
    return encoders.get(feature["name"]) or encoders.get(place)


def _feature(feature: Feature, found: Learnt | None, publish: Publish, *, few: bool) -> Feature:
    """Return a column's facts: the encoder's categories take precedence over the example's.

    Few rows determine neither range nor categories, so each request would get a warning. Categories
    that aren't frequent in the example are published only if the user requests it.
    """
    if feature.get("closed"):
        return feature
    described = dict(feature)
    if few:
        for key in ("minimum", "maximum", "categories"):
            described.pop(key, None)
    texts = found is not None and all(isinstance(one, str) for one in found.categories)
    if found is not None and texts and feature["dtype"] == "string":
        known = sorted(found.categories)
        shown = set(described.pop("categories", ()))
        told = publish is True or feature["name"] in (publish or ()) or shown >= set(known)
        if told and 0 < len(known) <= MOST_CATEGORIES:
            described["categories"] = known
    return described


def _digest(data: TrainingData) -> str:
    """Return a fingerprint of the rows."""
    import joblib

    from mldeploy.text.digests import digest_of

    return digest_of(f"{joblib.hash(data.x)}{joblib.hash(data.y)}".encode())
