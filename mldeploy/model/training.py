"""`python -m mldeploy.model.training REQUEST`: fit the model in a separate process.

It runs with PYTHONHASHSEED=0, so that sets of strings are always pickled in the same order, and
output of the user's module goes to stderr.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.config.engine import HERE
from mldeploy.config.training import Publish, TrainingConfig
from mldeploy.events import Note
from mldeploy.model.child import Checked, Tell, answer_request
from mldeploy.model.compiled.serving import Fit, compiled_too
from mldeploy.model.data.publishing import Wish
from mldeploy.model.data.remarks import remarks
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.engines.training_on import TrainingOn
from mldeploy.model.engines.using import LOST, connected, noting, send_modules
from mldeploy.model.fitted import Fitted, keep_estimator, load_fitted, save_fitted
from mldeploy.model.forms import FORMAT, SKLEARN, in_one_form
from mldeploy.model.handed import Handed, handed_in
from mldeploy.model.hooks import Hooks, hooks_of
from mldeploy.model.measures.evaluation import Evaluated, evaluate
from mldeploy.model.measures.fits import Around
from mldeploy.model.named_example import named_example
from mldeploy.model.needs.local_modules import copy_into, find, summary, tops
from mldeploy.model.needs.pickles import Loaded, copy_of, load, require_picklable
from mldeploy.model.needs.requirements import modules_needed
from mldeploy.model.report.data import REPORT, write_report
from mldeploy.model.report.report import report_of
from mldeploy.model.sequential import sequential
from mldeploy.model.steps import step
from mldeploy.model.user_module import data_of, estimator_of, fitting, load_user_module, maker_of
from mldeploy.text.digests import digest_of


@dataclass(frozen=True)
class TrainingRequest:
    """The paths of a training.

    Attributes:
        root: the project's folder.
        train: the train module.
        target: the bundle's folder.
        fitted: the folder of the fitted model until the bundle is finished.
        hooks: the hooks' module, relative to the root, or None.
        included: the project's files that are already in the image.
        resume: whether to use the fitted model of an earlier run.
        settings: the fields of `config.TrainingConfig`.
        publish: [publish] categories.
        handed: the file of `handed.hand_over` in place of a train module, or "".
        code: the folder below which modules are the user's own; the root if "".
        paths: where they are imported from, besides the folder of `train` and the root.
    """

    root: str
    train: str
    target: str
    fitted: str
    hooks: str | None = None
    included: Sequence[str] = ()
    resume: bool = False
    settings: dict[str, Any] | None = None
    publish: Publish = None
    handed: str = ""
    code: str = ""
    paths: Sequence[str] = ()


def train_here(request: TrainingRequest, tell: Tell) -> dict[str, Any]:
    """Fit, evaluate, save, and predict with the model; return its facts without versions.

    Raises:
        MldeployError: MLD21x for problems of the user's module, MLD22x for problems of the
            predictions, MLD25x for those of an engine.
    """
    fits = not (request.resume or request.handed)
    with connected(_settings(request).on if fits else HERE, tell) as engine:
        return _trained(request, tell, engine)


def _trained(request: TrainingRequest, tell: Tell, engine: TrainingOn | None) -> dict[str, Any]:
    _seed()
    given = step(tell, "load and check the data", lambda: _checked(request), _size)
    target = Path(request.target)
    # Copied before the fit, during which the files may be edited.
    code = _local_code(request, given.modules, request.included)
    facts_of_code = copy_into(code, target)
    local = tops(code)
    tell(Checked(tuple(one for one in given.modules if one.partition(".")[0] not in local)))
    _seed()
    if request.resume:
        fitted = load_fitted(Path(request.fitted), given.digest)
    else:
        fitted = _fit(request, given, tell, engine)
    loaded = _copied(Path(request.fitted), target)
    facts = step(
        tell, "ask the estimator", lambda: _asked(request, given, fitted, loaded.estimator)
    )
    named = loaded.modules
    _remark(given, loaded.estimator, tell)
    found = _local_code(request, named, request.included)
    later = {name: path for name, path in found.items() if name not in code}
    if code or later:
        tell(Note(f"included: {summary([*code, *later])}"))
    facts = {
        "format": FORMAT,
        **facts,
        "model": in_one_form(SKLEARN, target, facts["model"]),
        "modules": sorted(named),
        "code": facts_of_code | copy_into(later, target),
        "hooks": given.hooks.facts,
        "metrics": fitted.metrics,
        "evaluation": fitted.evaluation,
        "data_sha256": given.digest,
    }
    hooks = given.hooks
    # The one that an image would load: a pickle may lay out arrays in another order in memory.
    fit = Fit(loaded.estimator, given.data.x, hooks.preprocess is not None, hooks.answered)
    return compiled_too(fit, facts, target, _settings(request).compile, tell)


def _copied(fitted: Path, target: Path) -> Loaded:
    copy_of(fitted, target)
    if (fitted / REPORT).exists():
        shutil.copy(fitted / REPORT, target)
    return load(target / SKLEARN.file)


def _remark(given: "_Given", estimator: Any, tell: Tell) -> None:
    for text in remarks(given.data.x, given.data.y, estimator):
        tell(Note(text, "warning"))


def _local_code(
    request: TrainingRequest, named: Iterable[str], included: Iterable[str]
) -> dict[str, Path]:
    root = Path(request.code or request.root)
    roots = [Path(request.train).parent, Path(request.root), *map(Path, request.paths)]
    return find(named, roots, root, included)


@dataclass(frozen=True)
class _Given:
    """The checked contents of the user's modules.

    Attributes:
        make: returns a new unfitted estimator.
        data: in the form of requests.
        prepared: that the estimator is fitted on.
        features: the columns of the data.
        hooks: the user's hooks.
        modules: that the model will need.
        digest: a fingerprint of the data.
        example: the train module's example request, or None.
        handed: what a running Python handed over, or None.
    """

    make: Callable[[], Any]
    data: TrainingData
    prepared: TrainingData
    features: list[dict[str, Any]]
    hooks: Hooks
    modules: tuple[str, ...]
    digest: str
    example: Any = None
    handed: Handed | None = None


def _checked(request: TrainingRequest) -> _Given:
    """Load the user's modules and check for problems that would fail after the fit."""
    from mldeploy.model.data.columns import features_of

    path, root = Path(request.train), Path(request.root)
    handed = _handed(request)
    module = handed or load_user_module(path, root)
    make = maker_of(estimator_of(module, path), module, path)
    named = require_picklable(make())
    data = data_of(module, path)
    hooks = hooks_of(root, request.hooks)
    features = features_of(data)
    storages = [one["storage"] for one in features] if hasattr(data.x, "columns") else []
    modules = modules_needed(named, SKLEARN, storages)
    prepared = hooks.prepared(data)
    example = named_example(module, path)
    needed = tuple(sorted(modules))
    return _Given(make, data, prepared, features, hooks, needed, _digest(data), example, handed)


def _handed(request: TrainingRequest) -> Handed | None:
    if not request.handed:
        return None
    sys.path[:0] = [str(Path(request.train).parent), request.root, *request.paths]
    return handed_in(Path(request.handed))


def _size(given: _Given) -> str:
    rows, columns = len(given.data.x), len(given.features)
    return f"{rows} rows, {columns} column{'s' if columns != 1 else ''}"


def _asked(
    request: TrainingRequest, given: _Given, fitted: Fitted, reloaded: Any
) -> dict[str, Any]:
    from mldeploy.model.frameworks.sklearn.asking import asked, require_same
    from mldeploy.model.proof.outputs import chosen, with_method

    path, wish = Path(request.train), Wish(request.publish, given.example)
    rows = given.data, given.prepared
    with sequential():
        facts = asked(fitted, reloaded, *rows, given.features, given.hooks, path, wish)
        if given.handed and given.handed.own:
            rows_of = chosen(given.prepared.x, list(given.handed.rows))
            own = with_method(given.handed.own, facts["model"]["scores"])
            require_same(own, fitted.estimator, rows_of, facts["signature"])
    return facts


def _fit(request: TrainingRequest, given: _Given, tell: Tell, engine: TrainingOn | None) -> Fitted:
    """Fit and measure, and keep the model before anything else can fail."""
    served = given.handed.estimator if given.handed and given.handed.fitted else None
    settings = _settings(request)
    with contextlib.ExitStack() as stack:
        if engine is not None:
            estimator = given.make()
            files = _local_code(request, given.modules, ())  # what an image has, workers haven't
            send_modules(engine, files, given.modules, estimator, tell)
            stack.enter_context(noting(engine, settings.on, estimator, tell))
            _seed()
        around = Around(
            engine.fits if engine is not None else contextlib.nullcontext,
            lambda estimator: keep_estimator(estimator, Path(request.fitted)),
        )
        found = fitting(
            lambda: evaluate(given.make, given.prepared, settings, tell, served, around=around),
            Path(request.train),
            "be fitted",
        )
    kept = Fitted(
        found.estimator, found.metrics, found.evaluation, tuple(found.held_out), given.digest
    )
    saved = save_fitted(kept, Path(request.fitted))
    step(tell, "measure for the report", lambda: _report(request, given, found))
    return saved


def _report(request: TrainingRequest, given: _Given, found: Evaluated) -> None:
    hook = given.hooks.preprocess
    with sequential():
        report = report_of(found, given.data, given.features, hook, request.publish)
    write_report(report, Path(request.fitted))


def _settings(request: TrainingRequest) -> TrainingConfig:
    return TrainingConfig(**(request.settings or {}))


def _seed() -> None:
    """Seed the global random generators."""
    import random

    import numpy as np

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the generator that random_state=None means


def _digest(data: Any) -> str:
    """Return a fingerprint of the training data."""
    import joblib

    return digest_of(f"{joblib.hash(data.x)}{joblib.hash(data.y)}".encode())


def main() -> int:
    """Process the request, and write the outcome next to it."""
    code = answer_request(TrainingRequest, train_here)
    if LOST:
        # Threads of an engine's library that wait for a dead engine would keep the process alive.
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
