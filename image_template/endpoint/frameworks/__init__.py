"""The model frameworks: one module per framework, whose `load` returns a `Predictor`.

The handler doesn't know which one predicts.
"""

from endpoint.frameworks.predictor import Load


def loader_of(framework: str) -> Load:
    """Return the function that loads models of a framework.

    Raises:
        RuntimeError: if this image doesn't know the framework.
    """
    match framework:
        case "sklearn":
            from endpoint.frameworks.sklearn import load
        case "compiled":
            from endpoint.frameworks.compiled import load
        case "onnx":
            from endpoint.frameworks.onnx import load
        case _:
            raise RuntimeError(f"this image doesn't support the framework {framework!r}")
    return load
