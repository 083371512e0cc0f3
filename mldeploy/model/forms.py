"""The forms of a model in a bundle, each with a row in model.json and a file.

One of them is served. The others may contain more than an image needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.text.digests import digest_of_file, is_sha256

FORMAT = 4
SEVERAL_SINCE = 4
"""In earlier formats a model had one form, whose facts were among the model's."""
Facts = dict[str, Any]


@dataclass(frozen=True)
class Framework:
    """A framework that the endpoint supports.

    Attributes:
        name: in model.json.
        file: its file's name in a bundle.
        loader: the module that loads it in the image.
    """

    name: str
    file: str
    loader: str


SKLEARN = Framework("sklearn", "model.joblib", "joblib")
ONNX = Framework("onnx", "model.onnx", "onnxruntime")
COMPILED = Framework("compiled", "model.safetensors", "numpy")
FRAMEWORKS = {one.name: one for one in (SKLEARN, ONNX, COMPILED)}
FILES = tuple(one.file for one in FRAMEWORKS.values())


def in_one_form(framework: Framework, target: Path, facts: Mapping[str, Any]) -> Facts:
    """Return "model" of model.json for a model with one form, whose file is in the bundle.

    Args:
        framework: of the form.
        target: the bundle's folder.
        facts: "estimator", which belongs to the model, and the endpoint's facts of the form.
    """
    form = _row(framework, target, {k: one for k, one in facts.items() if k != "estimator"})
    return {"estimator": facts["estimator"], "served": framework.file, "forms": [form]}


def _row(framework: Framework, target: Path, facts: Facts) -> Facts:
    path = target / framework.file
    return {
        **facts,
        "framework": framework.name,
        "file": framework.file,
        "sha256": digest_of_file(path),
        "bytes": path.stat().st_size,
    }


def with_compiled(model: Facts, target: Path) -> Facts:
    """Return "model" of model.json with a compiled form that is served; its file is written."""
    row = _row(COMPILED, target, served_row(model))
    return {**model, "served": COMPILED.file, "forms": [row, *model["forms"]]}


def without_compiled(model: Facts) -> Facts:
    """Return "model" of model.json without a compiled form: the fitted estimator is served."""
    forms = [one for one in model["forms"] if one["framework"] != COMPILED.name]
    return {**model, "served": forms[0]["file"], "forms": forms}


def served_row(model: Mapping[str, Any]) -> Facts:
    """Return the row of the served form from "model" of model.json, of a format with forms."""
    forms: list[Facts] = model["forms"]
    return next(one for one in forms if one["file"] == model.get("served", one["file"]))


def forms_of(facts: Mapping[str, Any]) -> list[Facts]:
    """Return the rows of a model's forms.

    Args:
        facts: of model.json.
    """
    model = facts["model"]
    if facts["format"] < SEVERAL_SINCE:
        return [{"file": SKLEARN.file, **model}]
    return list(model["forms"])


def served(facts: Mapping[str, Any]) -> Facts:
    """Return the row of the form that is served.

    Args:
        facts: of model.json.
    """
    if facts["format"] < SEVERAL_SINCE:
        return forms_of(facts)[0]
    return served_row(facts["model"])


def described(facts: Mapping[str, Any]) -> Facts:
    """Return the facts of a model, with those of its served form.

    Args:
        facts: of model.json.
    """
    own = {name: one for name, one in facts["model"].items() if name not in {"forms", "served"}}
    return {**own, **served(facts)}


def with_one_form(facts: Mapping[str, Any]) -> Facts:
    """Return "model" of model.json with only the served form, the only one in an image."""
    model = dict(facts["model"])
    return {**model, "forms": [served(facts)]} if "forms" in model else model


def wrong_key(facts: Mapping[str, Any]) -> str:
    """Return a key of "model" with an invalid value, or "".

    Args:
        facts: of model.json, of a known format.
    """
    if facts["format"] < SEVERAL_SINCE:
        return "" if is_sha256(str(facts["model"].get("sha256"))) else "model.sha256"
    forms = facts["model"].get("forms")
    if not isinstance(forms, list) or not forms or not all(map(_is_form, forms)):
        return "model.forms"
    files = [one["file"] for one in forms]
    if len(set(files)) != len(files):
        return "model.forms"
    return "" if facts["model"].get("served") in files else "model.served"


def _is_form(form: Any) -> bool:
    return (
        isinstance(form, dict)
        and str(form.get("framework")) in FRAMEWORKS
        and isinstance(form.get("file"), str)
        and is_sha256(str(form.get("sha256")))
    )
