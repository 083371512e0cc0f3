"""Adds the compiled form to the facts of a model, where its predictions are the estimator's."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mldeploy.config.training import Compile
from mldeploy.errors import MldeployError
from mldeploy.model.child import Tell
from mldeploy.model.compiled.nodes import NotCompilableError
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.forms import COMPILED, served_row, with_compiled
from mldeploy.model.proof.answers import Answer, answers_of
from mldeploy.model.proof.outputs import ask, chosen
from mldeploy.model.steps import step

if TYPE_CHECKING:  # they import NumPy
    from mldeploy.model.compiled.compiling import Compiled

Facts = dict[str, Any]
COMPILATION = "compilation"
"""The key of model.json: what was proved of the compiled form, or why there is none."""
_GOLDEN_OF_A_KIND = 40


@dataclass(frozen=True)
class Fit:
    """A fitted model, to compile.

    Attributes:
        estimator: fitted.
        x: X of training, in the form of requests.
        preprocessed: whether a hook changes X.
        answered: the hook `postprocess`.
    """

    estimator: Any
    x: Any
    preprocessed: bool = False
    answered: Callable[[list[Answer]], list[Answer]] = lambda answers: answers


def compiled_too(fit: Fit, facts: Facts, target: Path, choice: Compile, tell: Tell) -> Facts:
    """Return the facts of a model with a compiled form, if it can be compiled.

    Args:
        fit: the model.
        facts: of model.json, with its fitted form, and "truth".
        target: the bundle's folder.
        choice: [training] compile.
        tell: receives the step.

    Raises:
        MldeployError: MLD227 if it must be compiled and can't be.
    """
    if choice == "off":
        return facts
    found = step(tell, "compile the model", lambda: _compiled(fit, facts, target, choice), str)
    if not isinstance(found, _Refused):
        more = _more_golden(fit, facts)
        return {
            **facts,
            "model": with_compiled(facts["model"], target),
            "truth": {**facts["truth"], "more": more},
            COMPILATION: found.as_facts(),
        }
    if choice == "require":
        raise not_compiled(found.reason)
    return {**facts, COMPILATION: {"reason": found.reason}}


@dataclass(frozen=True)
class _Refused:
    """Why a model isn't compiled."""

    reason: str

    def __str__(self) -> str:
        return f"not compiled: {self.reason}"


def not_compiled(reason: str) -> MldeployError:
    """Return the error for a model that must be compiled and can't be."""
    return MldeployError(
        "MLD227",
        f"the model can't be compiled: {reason}",
        'set [training] compile = "auto" to serve the fitted estimator, or change the step',
    )


def _compiled(fit: Fit, facts: Facts, target: Path, choice: Compile) -> "Compiled | _Refused":
    from mldeploy.model.compiled.compiling import compile_model
    from mldeploy.model.compiled.gate.asking import Asked

    if fit.preprocessed:
        return _Refused("preprocess() makes the estimator's input")
    signature = facts["signature"]
    private = facts.get("columns") or {}
    features = [{**one, **private.get(one["name"], {})} for one in signature["features"]]
    path = target / COMPILED.file
    try:
        methods = _methods(facts)
        found = compile_model(fit.estimator, fit.x, methods, Asked(path, signature, features))
        _require_fast(found, choice)
    except Exception as error:  # noqa: BLE001 - the estimator is served instead, whatever it is
        path.unlink(missing_ok=True)
        known = isinstance(error, NotCompilableError)
        return _Refused(str(error) if known else f"{type(error).__name__}: {error}")
    return found


def _require_fast(found: "Compiled", choice: Compile) -> None:
    if found.slower and choice == "auto":
        raise NotCompilableError(f'{found.slower}; compile = "require" compiles it')


def _methods(facts: Facts) -> tuple[str, ...]:
    """Return the methods that the endpoint calls."""
    if facts["signature"]["task"] == "transform":
        return ("transform",)
    scores = served_row(facts["model"])["scores"]
    return ("predict", scores) if scores else ("predict",)


def _more_golden(fit: Fit, facts: Facts) -> tuple[list[list[Any]], list[Answer]]:
    """Return golden examples unlike the rows of training.

    The image answers them on the processor and with the BLAS that it will have.
    """
    from mldeploy.model.compiled.gate.rows import unlike_training

    signature = facts["signature"]
    scores = served_row(facts["model"])["scores"]
    inputs: list[list[Any]] = []
    answers: list[Answer] = []
    if any(one.get("closed") for one in signature["features"]):
        return inputs, answers  # the endpoint refuses values that aren't known
    for table in unlike_training(fit.x):
        rows = list(range(min(len(table), _GOLDEN_OF_A_KIND)))
        some = chosen(table, rows)
        with suppress(Exception):  # of values that the estimator doesn't take
            found = ask(fit.estimator, some, signature["task"], scores)
            answers += fit.answered(answers_of(found, signature))
            inputs += rows_as_json(some, rows)
    return inputs, answers
