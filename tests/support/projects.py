"""A project on disk with a bundle that nobody trained: commands that meet AWS need no more."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from mldeploy.model.forms import FORMAT

CONFIG = """\
[project]
name = "iris"
region = "eu-central-1"

[api]
auth = "none"

[functions.predict]
route = "POST /predict"
memory = 512
"""

WHEEL = "5" * 64
"""The SHA-256 of a wheel that nobody has."""


def write_project(root: Path, config: str = CONFIG, model: str = "a model") -> Path:
    """Write mldeploy.toml and a bundle; a different `model` makes a different image."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "mldeploy.toml").write_text(config)
    write_bundle(root / "model", model)
    return root


def one_form(sha256: str, **more: object) -> dict[str, object]:
    """Return "model" of model.json for a pickle with this SHA-256; `more`: of its form."""
    form = {"framework": "sklearn", "file": "model.joblib", "sha256": sha256, **more}
    return {"estimator": "Keeper", "served": "model.joblib", "forms": [form]}


def write_bundle(
    folder: Path,
    model: str = "a model",
    *,
    predictions: Sequence[object] = ({"value": 1.0},),
    **changes: object,
) -> None:
    """Write a bundle whose hashes are right. `changes`: of model.json's keys."""
    folder.mkdir(exist_ok=True, parents=True)
    golden = {"format": 1, "inputs": [[1.0]], "predictions": predictions}
    (folder / "model.joblib").write_text(model)
    (folder / "golden.json").write_text(json.dumps(golden))
    (folder / "requirements.txt").write_text(f"scikit-learn==1.9.1 --hash=sha256:{WHEEL}\n")
    facts = {
        "format": FORMAT,
        "model": one_form(_sha(folder)),
        "signature": {"task": "regression", "input": "array", "features": []},
        "metrics": {"r2": 1.0},
        "versions": {"python": "3.12.1", "scikit-learn": "1.9.1"},
        "golden_sha256": _sha(folder, "golden.json"),
        "example": {"features": [1.0]},
        "wheels": {one: {"scikit-learn": WHEEL} for one in ("x86_64", "arm64")},
        "provenance": {"created": "2026-11-23T12:00:00+00:00", "git": "0123456789abcdef"},
    }
    (folder / "model.json").write_text(json.dumps({**facts, **changes}))


def _sha(folder: Path, name: str = "model.joblib") -> str:
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()
