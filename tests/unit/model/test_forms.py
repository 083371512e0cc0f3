"""A bundle may hold several forms of a model, one of which is served."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.bundle import load_bundle
from mldeploy.model.forms import ONNX, SKLEARN, described, in_one_form
from tests.support.projects import write_bundle

PICKLE, GRAPH = b"a pickle", b"a graph"


def row(framework: str, file: str, content: bytes, **more: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"framework": framework, "file": file, "sha256": sha256, "bytes": len(content), **more}


FORMS = [row("sklearn", "model.joblib", PICKLE, labels="predict"), row("onnx", "model.onnx", GRAPH)]


def write(folder: Path, model: Any, **changes: Any) -> Path:
    """Write a bundle with both files."""
    write_bundle(folder, PICKLE.decode(), **changes)
    facts = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**facts, "model": model}))
    (folder / "model.onnx").write_bytes(GRAPH)
    return folder


def model(served: str, forms: Any = FORMS) -> dict[str, Any]:
    return {"estimator": "Pipeline", "served": served, "forms": forms}


@pytest.mark.parametrize(("file", "content"), [("model.joblib", PICKLE), ("model.onnx", GRAPH)])
def test_the_form_that_is_served_is_named(tmp_path: Path, file: str, content: bytes) -> None:
    """The image gets its file, and of the rows no other."""
    bundle = load_bundle(write(tmp_path, model(file)))
    assert (bundle.file, bundle.sha256) == (file, hashlib.sha256(content).hexdigest())
    told = json.loads(bundle.image_facts())["model"]
    assert told == model(file, [one for one in FORMS if one["file"] == file])


def test_every_form_is_held_to_its_hash(tmp_path: Path) -> None:
    """One that isn't served, too: a later command may serve it."""
    write(tmp_path, model("model.joblib"))
    (tmp_path / "model.onnx").write_bytes(b"another graph")
    with pytest.raises(MldeployError, match=r"model\.onnx: its SHA-256") as raised:
        load_bundle(tmp_path)
    assert raised.value.code == "MLD202"


WRONG: list[tuple[str, Any]] = [
    ("forms", {"estimator": "Pipeline", "served": "model.joblib"}),
    ("forms", model("model.joblib", [])),
    ("forms", model("model.joblib", FORMS[0])),
    ("forms", model("model.joblib", [3])),
    ("forms", model("model.joblib", [FORMS[0], FORMS[0]])),
    ("forms", model("model.joblib", [{**FORMS[0], "framework": "other"}])),
    ("forms", model("model.joblib", [{**FORMS[0], "framework": []}])),
    ("forms", model("model.joblib", [{**FORMS[0], "file": []}])),
    ("forms", model("model.joblib", [{**FORMS[0], "sha256": "abc"}])),
    ("served", model("model.onnx", FORMS[:1])),
    ("served", {"forms": FORMS}),
    ("served", {"forms": FORMS, "served": []}),
]


@pytest.mark.parametrize(("key", "wrong"), WRONG)
def test_what_training_doesnt_write_is_refused(tmp_path: Path, key: str, wrong: Any) -> None:
    """The key is named."""
    write(tmp_path, wrong)
    with pytest.raises(MldeployError, match=f"the value of model.{key} is invalid") as raised:
        load_bundle(tmp_path)
    assert raised.value.code == "MLD202"


@pytest.mark.parametrize("name", ["../model.joblib", "golden.json", "/etc/passwd"])
def test_a_form_has_the_file_of_its_framework(tmp_path: Path, name: str) -> None:
    """Another name may lead out of the bundle, or to what the image must not have."""
    write(tmp_path, model(name, [{**FORMS[0], "file": name}]))
    with pytest.raises(MldeployError, match="the model's file has the invalid name") as raised:
        load_bundle(tmp_path)
    assert raised.value.code == "MLD202"
    with pytest.raises(MldeployError, match="the model's file has the invalid name"):
        _ = load_bundle(tmp_path, verify=False).file


def test_a_bundle_of_format_3_is_read_as_it_was(tmp_path: Path) -> None:
    """It has one form, whose facts are the model's own; its image gets the same bytes."""
    flat = {"estimator": "Pipeline", **FORMS[0]}
    bundle = load_bundle(write(tmp_path, flat, format=3))
    assert (bundle.file, bundle.sha256) == ("model.joblib", FORMS[0]["sha256"])
    facts = json.loads((tmp_path / "model.json").read_text())
    kept = {name: one for name, one in facts.items() if name not in {"provenance", "wheels"}}
    assert bundle.image_facts() == (json.dumps(kept, indent=2, sort_keys=True) + "\n").encode()
    assert described(bundle.facts) == flat


@pytest.mark.parametrize("framework", [SKLEARN, ONNX])
def test_a_form_is_made_of_its_file(tmp_path: Path, framework: Any) -> None:
    """Name, hash and size, and beside them what the endpoint has to know."""
    (tmp_path / framework.file).write_bytes(GRAPH)
    made = in_one_form(framework, tmp_path, {"estimator": "Pipeline", "scores": "predict_proba"})
    form = row(framework.name, framework.file, GRAPH, scores="predict_proba")
    assert made == model(framework.file, [form])
