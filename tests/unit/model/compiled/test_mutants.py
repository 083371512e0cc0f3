"""The gate finds bugs that are sown into compiled models."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from mldeploy.files.shipped import shipped
from mldeploy.model.compiled.compiling import proved
from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.gate.asking import Asked
from mldeploy.model.compiled.nodes import NotCompilableError
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.training_data import TrainingData
from tests.unit.model.compiled.sown import SOWN, Code, Values, model, nodes_in

_LEAST = 25


def test_there_are_enough() -> None:
    """As many as the issue of the gate asks for."""
    assert len(SOWN) >= _LEAST


@pytest.mark.parametrize("name", SOWN)
def test_the_gate_finds(name: str, tmp_path: Path) -> None:
    """A difference of predictions: a program that only breaks would prove nothing."""
    sown = SOWN[name]
    known = model(sown.model)
    converter = Converter(list(known.x.columns) if hasattr(known.x, "columns") else None)
    root = converter.convert(known.estimator)
    template = shipped("image_template")
    match sown.bug:
        case Code():
            template = patched(sown.bug, tmp_path / "template")
        case Values(kind, change):
            node = next(one for one in nodes_in(root) if one.kind == kind)
            change(cast("dict[str, Any]", _changeable(node.arguments)))
    kind = "dataframe" if converter.columns else "text" if known.x.ndim == 1 else "array"
    features = features_of(TrainingData(known.x, None, None))
    asked = Asked(tmp_path / "m", {"input": kind}, features, template)
    with pytest.raises(NotCompilableError) as caught:
        proved(converter, known.x, known.methods, asked)
    # Trees are walked in two ways, which then differ.
    broken = "the compiled model fails" in caught.value.reason
    assert not broken or "reaches two leaves" in caught.value.reason
    assert "only the compiled form raises" not in caught.value.reason


def _changeable(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    assert isinstance(arguments, dict)
    return arguments


def patched(code: Code, folder: Path) -> Path:
    """Return a copy of the image's code with a change."""
    shutil.copytree(shipped("image_template"), folder)
    path = folder / "endpoint/compiled" / code.file
    text = path.read_text()
    assert text.count(code.old), "the text isn't there any more"
    path.write_text(text.replace(code.old, code.new))
    return folder
