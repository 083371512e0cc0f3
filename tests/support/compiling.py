"""Compiles fitted estimators for tests of families."""

from pathlib import Path
from typing import Any

from mldeploy.model.compiled.compiling import Compiled, compile_model
from mldeploy.model.compiled.gate.asking import Asked
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.training_data import TrainingData


def compiled(estimator: Any, x: Any, methods: tuple[str, ...], file: Path) -> Compiled:
    """Compile a fitted estimator and prove it; raises NotCompilableError.

    Args:
        estimator: fitted.
        x: X of training: an array, a DataFrame, or a 1-d array of texts.
        methods: to compare: "predict", "predict_proba", "decision_function", "transform".
        file: to write.
    """
    kind = "dataframe" if hasattr(x, "columns") else "text" if x.ndim == 1 else "array"
    features = features_of(TrainingData(x, None, None))
    return compile_model(estimator, x, methods, Asked(file, {"input": kind}, features))
