"""`python -m mldeploy.model.training REQUEST`: fit the model, in a process of its own.

It runs with PYTHONHASHSEED=0, so that sets of strings are pickled in the same order each
time, and what the user's module prints goes to stderr. The outcome is a file.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from mldeploy.config import TrainingConfig
from mldeploy.errors import ExitCode, MldeployError, disk_full
from mldeploy.events import Emit
from mldeploy.fingerprint import digest_of, digest_of_file
from mldeploy.model.bundle import FORMAT, GOLDEN, MODEL

GOLDEN_ROWS = 20
Request = TypeVar("Request")


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, as paths: the project's root, the train module, where to write, the hooks.

    `training`: the keys of [training]. `events`: the file descriptor of a pipe for events, or None.
    """

    root: str
    train: str
    target: str
    hooks: str | None = None
    training: dict[str, Any] = field(default_factory=dict)
    events: int | None = None


def train_here(request: TrainingRequest, emit: Emit = lambda _event: None) -> dict[str, Any]:
    """Fit, evaluate, save; return the facts of the model, without its versions.

    Raises:
        MldeployError: MLD21x for what is wrong with the user's module.
    """
    from sklearn.base import clone

    from mldeploy.model.evaluation import evaluate
    from mldeploy.model.hooks import hooks_of
    from mldeploy.model.signature import rows_as_json, signature_of
    from mldeploy.model.tasks import labels_of
    from mldeploy.model.user_module import data_of, estimator_of, load_user_module

    path = Path(request.train)
    _seed()
    module = load_user_module(path, Path(request.root))
    estimator = estimator_of(module, path)
    data = data_of(module, path)
    hooks = hooks_of(Path(request.root), request.hooks)
    prepared = hooks.prepared(data)
    _seed()
    settings = TrainingConfig(**request.training)
    evaluated = _fitted(lambda: evaluate(lambda: clone(estimator), prepared, settings, emit), path)
    served = evaluated.estimator
    golden_rows = evaluated.held_out or list(range(len(data.x)))
    signature = _fitted(lambda: signature_of(data, served, hooks.around(served)), path)
    inputs = rows_as_json(data.x, spread(golden_rows, data.y, GOLDEN_ROWS))
    return {
        "format": FORMAT,
        "model": {
            **saved(served, Path(request.target)),
            "labels": _fitted(lambda: labels_of(served, prepared.x, signature), path),
        },
        "hooks": hooks.facts,
        "signature": signature,
        "metrics": evaluated.metrics,
        "evaluation": evaluated.evaluation,
        "example": {"features": example_of(inputs[0], signature)},
        "data_sha256": _digest(data.x, data.y),
        "golden_inputs": inputs,
    }


def saved(estimator: Any, target: Path) -> dict[str, Any]:
    """Pickle an estimator into a bundle, and return what model.json says of it.

    Raises:
        MldeployError: MLD218; MLD620 where the disk is full.
    """
    _save(estimator, target / MODEL)
    return {"framework": "sklearn", "estimator": _described(estimator), **file_facts(target, MODEL)}


def file_facts(target: Path, name: str) -> dict[str, Any]:
    """Return name, SHA-256 and bytes of a model's file."""
    path = target / name
    return {"file": name, "sha256": digest_of_file(path), "bytes": path.stat().st_size}


def _save(estimator: Any, path: Path) -> None:
    import joblib

    try:
        joblib.dump(estimator, path)
    except Exception as error:
        raise disk_full(error) or MldeployError(
            "MLD218",
            f"the fitted estimator can't be saved: {type(error).__name__}: {error}",
            "a pipeline of named functions and classes can be pickled; lambdas and open "
            "files can't: move them to a module and add it to [image] include",
        ) from error


def _seed() -> None:
    """Make what draws from the global generators draw the same each time."""
    import random

    import numpy as np

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the generator that random_state=None means


def _fitted(work: Callable[[], Any], path: Path) -> Any:
    """Run what calls the user's estimator; its failure is the user's.

    Raises:
        MldeployError: MLD216.
    """
    from mldeploy.model.user_module import their_frames

    try:
        return work()
    except MldeployError:
        raise
    except Exception as error:
        hint = "mend estimator() or data()"
        if "NaN" in str(error):
            hint = "impute missing values in the pipeline (SimpleImputer), or drop them in data()"
        raise MldeployError(
            "MLD216",
            f"the estimator couldn't be fitted: {type(error).__name__}: {error}",
            hint,
            details=their_frames(error, path.parent),
        ) from error


def spread(held_out: list[int], y: Any, count: int) -> list[int]:
    """Return `count` of the held-out rows, evenly over the values of y."""
    ordered = held_out if y is None or y.ndim > 1 else sorted(held_out, key=lambda row: y[row])
    count = min(count, len(ordered))
    return [ordered[number * len(ordered) // count] for number in range(count)]


def example_of(row: list[Any], signature: dict[str, Any]) -> Any:
    """Return a row as a request would have it: columns of several types by their names."""
    if signature["input"] != "dataframe":
        return row
    return dict(zip((one["name"] for one in signature["features"]), row, strict=True))


def _described(estimator: Any) -> str:
    """Return "Pipeline(StandardScaler, KNeighborsClassifier)"."""
    steps = getattr(estimator, "steps", None)
    inner = ", ".join(type(step).__name__ for _, step in steps) if steps else ""
    return f"{type(estimator).__name__}({inner})" if inner else type(estimator).__name__


def _digest(x: Any, y: Any) -> str:
    """Return a fingerprint of the training data."""
    import joblib

    return digest_of(f"{joblib.hash(x)}{joblib.hash(y)}".encode())


def write_golden(target: Path, inputs: list[Any], predictions: list[Any]) -> str:
    """Write the golden examples and return their SHA-256."""
    content = {"format": FORMAT, "inputs": inputs, "predictions": predictions}
    (target / GOLDEN).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
    return digest_of_file(target / GOLDEN)


def versions_of(distributions: list[str]) -> dict[str, str]:
    """Return the versions of Python and of the distributions, by their names."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version(name) for name in distributions}}


def main() -> int:
    """Train what the request names, and leave an outcome beside it."""
    return leave_outcome(TrainingRequest, _train_and_tell)


def _train_and_tell(request: TrainingRequest) -> dict[str, Any]:
    """Train, and send the events through the pipe that the request names."""
    from mldeploy.model.relay import sender

    if request.events is None:
        return train_here(request)
    with os.fdopen(request.events, "w", encoding="utf-8") as stream:
        return train_here(request, sender(stream))


def leave_outcome(kind: Callable[..., Request], work: Callable[[Request], dict[str, Any]]) -> int:
    """Do what the request of the command line names, and leave facts or an error in its target."""
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # What the user's code prints must not get into a result.
    sys.stdout = sys.stderr
    outcome: dict[str, Any]
    try:
        outcome = {"facts": work(kind(**found))}
    except MldeployError as error:
        outcome = {"error": {**error.__dict__, "exit_code": int(error.exit_code)}}
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)  # the parent got it too, and speaks
    path = Path(found["target"]) / "outcome.json"
    try:
        path.write_text(json.dumps(outcome), encoding="utf-8")
    except OSError as error:  # the parent reads the number
        path.unlink(missing_ok=True)
        return error.errno or 1
    return 0


def write_request(request: Any, path: Path) -> None:
    """Write a request, a dataclass, for a child's `main`."""
    path.write_text(json.dumps(asdict(request)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
