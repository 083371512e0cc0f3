"""`python -m mldeploy.model.compiled.explaining REQUEST`: explain what of a model is compiled.

Runs in a separate process, like training, because unpickling a model runs code.
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mldeploy.events import Event
from mldeploy.files.scratch import Scratch
from mldeploy.model.bundle import CODE, Bundle
from mldeploy.model.child import Tell, answer_request, in_child, write_request
from mldeploy.model.compiled.serving import COMPILATION
from mldeploy.model.forms import COMPILED, SKLEARN, forms_of, served


@dataclass(frozen=True)
class CompiledStep:
    """A step of a model.

    Attributes:
        path: the names of the steps that lead to it, outermost first; empty for the model itself.
        estimator: its class.
        reason: why it isn't compiled; empty if it is known.
    """

    path: str
    estimator: str
    reason: str


@dataclass(frozen=True)
class Compilation:
    """What of a model is compiled.

    Attributes:
        model: the bundle's folder.
        compiled: whether the compiled form is served.
        reason: why it isn't; empty if it is.
        points: the count of values that were compared with the estimator's.
        largest: the largest relative difference among them.
        splits: the count of splits of trees that were tried with rows of their own.
        steps: of the model; empty unless they are asked for.
    """

    model: str
    compiled: bool
    reason: str
    points: int
    largest: float
    splits: int
    steps: tuple[CompiledStep, ...]


def compilation_of(
    bundle: Bundle, root: Path, emit: Callable[[Event], None], *, explain: bool
) -> Compilation:
    """Return what is known of a bundle's compiled form.

    Args:
        bundle: of a model.
        root: the project's folder.
        emit: receives events.
        explain: whether the steps are wanted, for which the estimator is unpickled.
    """
    facts = bundle.facts.get(COMPILATION, {})
    compiled = served(bundle.facts)["framework"] == COMPILED.name
    reason = "" if compiled else facts.get("reason", "it was off when the model was trained")
    return Compilation(
        str(bundle.path),
        compiled,
        reason,
        facts.get("points", 0),
        facts.get("largest", 0.0),
        facts.get("splits", 0),
        _steps(bundle, root, emit) if explain else (),
    )


def _steps(bundle: Bundle, root: Path, emit: Callable[[Event], None]) -> tuple[CompiledStep, ...]:
    fitted = [one for one in forms_of(bundle.facts) if one["file"] == SKLEARN.file]
    if not fitted:
        return (CompiledStep("", str(bundle.facts["model"]["estimator"]), "it isn't a pickle"),)
    with Scratch() as folder:
        path = folder / "request.json"
        write_request(ExplainRequest(str(bundle.path)), path)
        found = in_child("mldeploy.model.compiled.explaining", path, root, emit)
    return tuple(CompiledStep(**one) for one in found["steps"])


@dataclass(frozen=True)
class ExplainRequest:
    """The folder of a bundle."""

    bundle: str


def explain_here(request: ExplainRequest, _tell: Tell) -> dict[str, Any]:
    """Load the estimator and return the steps."""
    from mldeploy.model.compiled.converting import Converter
    from mldeploy.model.needs.pickles import load

    folder = Path(request.bundle)
    sys.path.append(str(folder / CODE))
    converter = Converter(explaining=True)
    converter.convert(load(folder / SKLEARN.file).estimator)
    steps = (CompiledStep(one.path, one.name, one.reason) for one in converter.steps)
    return {"steps": [asdict(one) for one in steps]}


def main() -> int:
    """Explain the request's model, and write the outcome next to the request."""
    return answer_request(ExplainRequest, explain_here)


if __name__ == "__main__":
    sys.exit(main())
