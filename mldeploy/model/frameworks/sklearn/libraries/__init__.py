"""Libraries with scikit-learn's API, one module each."""

from typing import Any

from mldeploy.model.frameworks.sklearn.libraries.base import Library, package_of
from mldeploy.model.frameworks.sklearn.libraries.catboost import CATBOOST
from mldeploy.model.frameworks.sklearn.libraries.lightgbm import LIGHTGBM
from mldeploy.model.frameworks.sklearn.libraries.xgboost import XGBOOST

LIBRARIES = (LIGHTGBM, XGBOOST, CATBOOST)


def library_of(estimator: Any) -> Library | None:
    """Return the library that an estimator's class is of, or None."""
    package = package_of(estimator)
    return next((one for one in LIBRARIES if one.package == package), None)
