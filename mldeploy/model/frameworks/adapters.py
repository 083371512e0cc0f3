"""Selects the adapter of a model's framework."""

from mldeploy.model.frameworks.base import Adapter


def adapter_for(kind: str) -> Adapter:
    """Return the adapter for files of a kind, as `foreign.files.kind_of` has it."""
    if kind == "onnx":
        from mldeploy.model.frameworks.onnx.adapter import Onnx

        return Onnx()
    from mldeploy.model.frameworks.sklearn.adapter import Sklearn

    return Sklearn()
