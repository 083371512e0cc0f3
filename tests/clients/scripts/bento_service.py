# mypy: disable-error-code="untyped-decorator"
"""The models as a service of BentoML: `bentoml serve bento_service:Models`, paths in MODELS."""

import json
import os
from typing import Any

import bentoml
import joblib
import numpy as np
import pandas as pd

_PATHS = json.loads(os.environ["MODELS"])


def _plain(predictions: Any) -> dict[str, Any]:
    return {"predictions": predictions.tolist()}


@bentoml.service
class Models:
    """One route per model; the parameter's type is what the estimator was fitted on."""

    def __init__(self) -> None:
        self._models = {name: joblib.load(path) for name, path in _PATHS.items()}

    @bentoml.api(route="/iris")
    def iris(self, inputs: np.ndarray) -> dict[str, Any]:
        return _plain(self._models["iris"].predict(inputs))

    @bentoml.api(route="/regressor")
    def regressor(self, inputs: np.ndarray) -> dict[str, Any]:
        return _plain(self._models["regressor"].predict(inputs))

    @bentoml.api(route="/outputs")
    def outputs(self, inputs: np.ndarray) -> dict[str, Any]:
        return _plain(self._models["outputs"].predict(inputs))

    @bentoml.api(route="/texts")
    def texts(self, inputs: list[str]) -> dict[str, Any]:
        return _plain(self._models["texts"].predict(inputs))

    @bentoml.api(route="/mixed")
    def mixed(self, inputs: pd.DataFrame) -> dict[str, Any]:
        return _plain(self._models["mixed"].predict(inputs))
