"""XGBoost, LightGBM, CatBoost and imbalanced-learn."""

from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor, XGBRFClassifier

from tests.models import data, steps
from tests.models.line import exact

_L = data.labelled


def _xgb(**more: Any) -> Any:
    return XGBClassifier(**{"n_estimators": 4, "max_depth": 3, "n_jobs": 1, **more})


def _xgb_value(**more: Any) -> Any:
    return XGBRegressor(**{"n_estimators": 4, "max_depth": 3, "n_jobs": 1, **more})


def _lgbm(kind: Any = LGBMClassifier, **more: Any) -> Any:
    return kind(**{"n_estimators": 4, "n_jobs": 1, "verbose": -1, "min_child_samples": 5, **more})


def _cat(kind: Any = CatBoostClassifier, **more: Any) -> Any:
    settings = {"iterations": 4, "depth": 3, "verbose": False, "thread_count": 1}
    return kind(**{**settings, "allow_writing_files": False, "random_seed": 0, **more})


def _categories() -> tuple[Any, Any]:
    x = data.table()
    return x.assign(city=x["city"].astype("category")), data.classes(2)


def _integer_categories() -> tuple[Any, Any]:
    x = data.table()
    codes = pd.Series(np.arange(data.ROWS) % 5 * 10).astype("category")
    return x.assign(city=x["city"].astype("category"), code=codes), data.classes(3)


def _categories_with_gaps() -> tuple[Any, Any]:
    x, y = _categories()
    return x.assign(city=x["city"].where(x.index % 9 > 0)), y


def _amounts(x: Any) -> Any:
    return lambda: (x()[0], data.amounts())


def _texts() -> Any:
    return np.array(["low", "middle", "high"])[data.classes(3)]


def _gaps_in_frame() -> tuple[Any, Any]:
    x, y = data.with_gaps()
    return pd.DataFrame(x, columns=list("abcd")), y


def _smote(x: Any) -> Any:
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline as resampled

    return resampled(SMOTE(random_state=0), x)


def _balanced() -> Any:
    from imblearn.ensemble import BalancedRandomForestClassifier

    return BalancedRandomForestClassifier(4, random_state=0)


LINES = [
    exact("XGBClassifier, two", data.two, _xgb),
    exact("XGBClassifier, three", data.three, _xgb),
    exact("XGBClassifier, gaps", data.with_gaps, _xgb),
    exact("XGBClassifier, float32", data.of_dtype("float32"), _xgb),
    exact("XGBClassifier, bool labels", _L(lambda: data.classes(2) > 0), _xgb),
    exact("XGBClassifier, multilabel", data.multilabel, _xgb),
    exact("XGBClassifier, hinge", data.two, lambda: _xgb(objective="binary:hinge")),
    exact("XGBClassifier, softmax", data.three, lambda: _xgb(objective="multi:softmax")),
    exact("XGBClassifier, dart", data.two, lambda: _xgb(booster="dart")),
    exact("XGBClassifier, linear", data.two, lambda: _xgb(booster="gblinear")),
    exact("XGBClassifier, frame with gaps", _gaps_in_frame, _xgb),
    exact("XGBClassifier, categories", _categories, lambda: _xgb(enable_categorical=True)),
    exact(
        "XGBClassifier, integer categories",
        _integer_categories,
        lambda: _xgb(enable_categorical=True),
    ),
    exact(
        "XGBClassifier, categories with gaps",
        _categories_with_gaps,
        lambda: _xgb(enable_categorical=True),
    ),
    exact(
        "XGBClassifier in a Pipeline", data.frame, lambda: make_pipeline(steps.mixed()[0], _xgb())
    ),
    exact(
        "XGBClassifier in a search",
        data.two,
        lambda: GridSearchCV(_xgb(), {"max_depth": [1, 3]}, cv=2),
    ),
    exact("XGBClassifier calibrated", data.two, lambda: CalibratedClassifierCV(_xgb(), cv=2)),
    exact("XGBClassifier, each output", data.multilabel, lambda: MultiOutputClassifier(_xgb())),
    exact("XGBRFClassifier", data.two, lambda: XGBRFClassifier(4, max_depth=3, n_jobs=1)),
    exact("XGBRegressor", data.regression, _xgb_value),
    exact("XGBRegressor, two targets", data.two_targets, _xgb_value),
    exact(
        "XGBRegressor, quantile",
        data.regression,
        lambda: _xgb_value(objective="reg:quantileerror", quantile_alpha=0.9),
    ),
    exact(
        "XGBRegressor, quantiles",
        data.regression,
        lambda: _xgb_value(objective="reg:quantileerror", quantile_alpha=[0.1, 0.5, 0.9]),
    ),
    exact("XGBRegressor, gamma", data.positive, lambda: _xgb_value(objective="reg:gamma")),
    exact(
        "XGBRegressor, categories",
        _amounts(_categories),
        lambda: _xgb_value(enable_categorical=True),
    ),
    exact("LGBMClassifier, two", data.two, _lgbm),
    exact("LGBMClassifier, three", data.three, _lgbm),
    exact("LGBMClassifier, texts as labels", _L(_texts), _lgbm),
    exact("LGBMClassifier, gaps", data.with_gaps, _lgbm),
    exact("LGBMClassifier, categories", _categories, _lgbm),
    exact("LGBMClassifier, integer categories", _integer_categories, _lgbm),
    exact("LGBMClassifier, categories with gaps", _categories_with_gaps, _lgbm),
    exact("LGBMClassifier, float32", data.of_dtype("float32"), _lgbm),
    exact("LGBMClassifier, one vs. all", data.three, lambda: _lgbm(objective="multiclassova")),
    exact(
        "LGBMClassifier in a Pipeline", data.three, lambda: make_pipeline(StandardScaler(), _lgbm())
    ),
    exact("LGBMRegressor", data.regression, lambda: _lgbm(LGBMRegressor)),
    exact("LGBMRegressor, categories", _amounts(_categories), lambda: _lgbm(LGBMRegressor)),
    exact(
        "LGBMRegressor, quantile",
        data.regression,
        lambda: _lgbm(LGBMRegressor, objective="quantile", alpha=0.9),
    ),
    exact(
        "LGBMRegressor, poisson", data.positive, lambda: _lgbm(LGBMRegressor, objective="poisson")
    ),
    exact("CatBoostClassifier, two", data.two, _cat),
    exact("CatBoostClassifier, three", data.three, _cat),
    exact("CatBoostClassifier, texts as labels", _L(_texts), _cat),
    exact("CatBoostClassifier, bool labels", _L(lambda: data.classes(2) > 0), _cat),
    exact("CatBoostClassifier, gaps", data.with_gaps, _cat),
    exact("CatBoostClassifier, float32", data.of_dtype("float32"), _cat),
    exact(
        "CatBoostClassifier, cat_features by name", data.frame, lambda: _cat(cat_features=["city"])
    ),
    exact("CatBoostClassifier, cat_features by number", data.frame, lambda: _cat(cat_features=[3])),
    exact(
        "CatBoostClassifier, integer cat_features",
        data.frame,
        lambda: _cat(cat_features=["age", "city"]),
    ),
    exact("CatBoostClassifier, category dtype", _categories, lambda: _cat(cat_features=["city"])),
    exact(
        "CatBoostClassifier in a Pipeline",
        data.three,
        lambda: make_pipeline(StandardScaler(), _cat()),
    ),
    exact(
        "CatBoostClassifier, two in a Pipeline",
        data.two,
        lambda: make_pipeline(StandardScaler(), _cat()),
    ),
    exact(
        "CatBoostClassifier, multilabel",
        data.multilabel,
        lambda: _cat(loss_function="MultiLogloss"),
        kind="class",
    ),
    exact("CatBoostRegressor", data.regression, lambda: _cat(CatBoostRegressor)),
    exact(
        "CatBoostRegressor, categories",
        _amounts(data.frame),
        lambda: _cat(CatBoostRegressor, cat_features=["city"]),
    ),
    exact(
        "CatBoostRegressor, two targets",
        data.two_targets,
        lambda: _cat(CatBoostRegressor, loss_function="MultiRMSE"),
    ),
    exact(
        "CatBoostRegressor, quantile",
        data.regression,
        lambda: _cat(CatBoostRegressor, loss_function="Quantile:alpha=0.9"),
    ),
    exact("imbalanced-learn's SMOTE", data.two, lambda: _smote(steps.tree())),
    exact("imbalanced-learn's forest", data.two, _balanced),
]
