"""CatBoost 1."""

from collections.abc import Hashable, Sequence
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType
from mldeploy.model.frameworks.sklearn.libraries.base import Library, Types


def _names(estimator: Any) -> Any:
    return getattr(estimator, "feature_names_", None)


def _types(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return texts; CatBoost treats an integer like its text."""
    texts = {*step.get_cat_feature_indices(), *step.get_text_feature_indices()}
    return {
        column: ColumnType("text" if place in texts else "number", firm=place in texts)
        for place, column in enumerate(columns)
    }


CATBOOST = Library("catboost", _names, _types)
