"""Compiled models. Their images have neither scikit-learn nor pandas."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from endpoint.compiled.file import read
from endpoint.compiled.frame import frame_maker
from endpoint.features import Feature, features_of
from endpoint.frameworks.estimators import EstimatorModel
from endpoint.frameworks.predictor import Facts, Predictor
from endpoint.frameworks.tables import array_maker
from endpoint.rows import Rows


def load(path: Path, facts: Facts) -> Predictor:
    """Read the nodes of a model."""
    make = table_maker(facts["signature"], features_of(facts))
    return EstimatorModel(read(path)[0], facts, make)


def table_maker(signature: Facts, features: list[Feature]) -> Callable[[Rows], Any]:
    """Return the function that makes the tables of compiled models."""
    if signature["input"] == "dataframe":
        return frame_maker(features)
    return array_maker(signature, features)
