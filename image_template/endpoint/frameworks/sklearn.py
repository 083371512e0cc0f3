"""scikit-learn and libraries with its API (XGBoost, LightGBM, CatBoost, skorch)."""

from pathlib import Path

import joblib

from endpoint.frameworks.estimators import EstimatorModel
from endpoint.frameworks.predictor import Facts, Predictor
from endpoint.frameworks.tables import table_maker


def load(path: Path, facts: Facts) -> Predictor:
    """Unpickle an estimator."""
    return EstimatorModel(joblib.load(path), facts, table_maker(facts))
