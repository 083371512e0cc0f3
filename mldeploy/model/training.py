"""`python -m mldeploy.model.training REQUEST`: fit the model, in a process of its own.

It runs with PYTHONHASHSEED=0, so that sets of strings are pickled in the same order each
time, and what the user's module prints goes to stderr. The outcome is a file.
"""

import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.fingerprint import digest_of, digest_of_file
from mldeploy.model.bundle import FORMAT, GOLDEN, MODEL

_GOLDEN_ROWS = 20


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, as paths: the project's root, the train module, where to write."""

    root: str
    train: str
    target: str


def train_here(request: TrainingRequest) -> dict[str, Any]:
    """Fit, evaluate, save; return the facts of the model, without its versions.

    Raises:
        MldeployError: MLD21x for what is wrong with the user's module.
    """
    from mldeploy.model.evaluation import evaluate
    from mldeploy.model.signature import rows_as_json, signature_of
    from mldeploy.model.user_module import data_of, estimator_of, load_user_module

    path = Path(request.train)
    module = load_user_module(path, Path(request.root))
    estimator = estimator_of(module, path)
    data = data_of(module, path)
    evaluated = evaluate(estimator, data)
    target = Path(request.target)
    _save(evaluated.estimator, target / MODEL)
    chosen = _spread(evaluated.held_out, _GOLDEN_ROWS)
    inputs = rows_as_json(data.x, chosen)
    return {
        "format": FORMAT,
        "model": {
            "file": MODEL,
            "framework": "sklearn",
            "sha256": digest_of_file(target / MODEL),
            "bytes": (target / MODEL).stat().st_size,
            "estimator": _described(evaluated.estimator),
        },
        "signature": signature_of(data, evaluated.estimator),
        "metrics": evaluated.metrics,
        "evaluation": evaluated.evaluation,
        "example": {"features": inputs[0]},
        "data_sha256": _digest(data.x, data.y),
        "golden_inputs": inputs,
    }


def _save(estimator: Any, path: Path) -> None:
    import joblib

    try:
        joblib.dump(estimator, path)
    except Exception as error:
        raise MldeployError(
            "MLD218",
            f"the fitted estimator can't be saved: {type(error).__name__}: {error}",
            "a pipeline of named functions and classes can be pickled; lambdas and open "
            "files can't: move them to a module and add it to [image] include",
        ) from error


def _spread(indices: list[int], count: int) -> list[int]:
    """Return about `count` of the indices, spread over all of them."""
    step = max(1, len(indices) // count)
    return indices[::step][:count]


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
    request = TrainingRequest(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    # What the user's code prints must not get into a result.
    sys.stdout = sys.stderr
    outcome: dict[str, Any]
    try:
        outcome = {"facts": train_here(request)}
    except MldeployError as error:
        outcome = {"error": {**error.__dict__, "exit_code": int(error.exit_code)}}
    (Path(request.target) / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    return 0


def write_request(request: TrainingRequest, path: Path) -> None:
    """Write a request for `main`."""
    path.write_text(json.dumps(asdict(request)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
