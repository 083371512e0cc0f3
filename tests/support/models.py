"""Projects to train, and handlers of trained models, without a package index elsewhere."""

import fcntl
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from mldeploy.config import ApiConfig, Config, FunctionConfig, ImageConfig
from mldeploy.config.training import Compile, TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Event
from mldeploy.model.bundle import Bundle, load_bundle
from mldeploy.model.train import train
from mldeploy.text.digests import digest_of
from tests.support.shared import SHARED
from tests.support.wheel_index import index_of_all

ROOT = Path(__file__).parents[2]
IRIS = (ROOT / "examples/iris/train.py").read_text()
USUAL = TrainingConfig(compile=cast("Compile", os.environ.get("MLDEPLOY_TESTS_COMPILE", "off")))
"""The form of models in tests that don't ask for one; `make test-compiled` sets it."""
COMPILED = TrainingConfig(compile="require")
"""The endpoint serves the model compiled to NumPy."""
NOBODY = "http://reader:hunter2secret@127.0.0.1:9/simple"
"""An index where nobody listens: training goes on, with a warning."""

FRAME = """
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = ["age", "weight"]


def data():
    rows = 60
    X = pd.DataFrame(
        {
            "age": range(20, 20 + rows),
            "weight": [None if n % 7 == 0 else 50 + n / 3 for n in range(rows)],
            "smoker": [n % 3 == 0 for n in range(rows)],
            "city": [("Bonn", "Köln", "Ulm")[n % 3] for n in range(rows)],
            "plan": [("basic", "plus")[n % 2] for n in range(rows)],
            "note": [f"note {n}" for n in range(rows)],
        }
    )
    return X, ["yes" if n % 2 or n > 40 else "no" for n in range(rows)]


def estimator():
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("plan", OneHotEncoder(handle_unknown="error"), ["plan"]),
            ("flags", "passthrough", ["smoker"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression())
"""

REGRESSION = """
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor


def data():
    return load_diabetes()


def estimator():
    return RandomForestRegressor(n_estimators=5)
"""


@dataclass
class Trained:
    """A project, its bundle and what was reported on the way."""

    config: Config
    bundle: Bundle
    events: list[Event] = field(default_factory=list)


def project(root: Path, train_py: str, training: TrainingConfig = USUAL, **image: Any) -> Config:
    """Write a project with that train module."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "train.py").write_text(train_py, encoding="utf-8")
    return Config(
        root=root,
        file=root / "mldeploy.toml",
        name="iris",
        stage="dev",
        region="",
        profile=None,
        python="",
        architecture="x86_64",
        train="train.py",
        training=training,
        image=ImageConfig(**{"index_url": index_of_all(), **image}),
        functions=(FunctionConfig("predict", "POST /predict"),),
        api=ApiConfig(auth="none"),
    )


def trained(config: Config, **thresholds: float) -> Trained:
    """Train a project."""
    events: list[Event] = []
    return Trained(config, train(config, events.append, thresholds), events)


@cache
def bundle_of(train_py: str, training: TrainingConfig = USUAL, hooks: str = "") -> Bundle:
    """Return the bundle of a train module, trained once per test run by the first process.

    Args:
        train_py: the module's text.
        training: how it is trained.
        hooks: the text of the hooks' module, or "" without one.
    """
    name = digest_of(repr((training, hooks, train_py)).encode())
    folder = Path(os.environ[SHARED]) / "bundles" / name
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        config = project(folder, train_py, training)
        if hooks:
            (folder / "hooks.py").write_text(hooks)
            config = replace(config, hooks="hooks.py")
        return load_bundle(config.bundle) if config.bundle.exists() else trained(config).bundle


def task_of(bundle: Bundle, folder: Path) -> Path:
    """Lay a folder out as the image's /var/task."""
    shutil.copytree(ROOT / "image_template/endpoint", folder / "endpoint")
    ignored = shutil.ignore_patterns("golden.json")
    shutil.copytree(bundle.path, folder / "model", ignore=ignored)
    return folder


def handler_of(task: Path, *routes: str) -> Callable[[Any, Any], Any]:
    """Import the handler of a task folder, anew, and return it; it serves these routes."""
    for name in _endpoint_modules():
        del sys.modules[name]
    told = {"LAMBDA_TASK_ROOT": str(task), "MLDEPLOY_ROUTES": "|".join(routes)}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    sys.path.insert(0, str(task))
    try:
        importlib.invalidate_caches()
        found = Served(importlib.import_module("endpoint.handler").handle)
    finally:
        sys.path.remove(str(task))
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
    return found


class Served:
    """A handler whose late imports find its own modules, though another was imported since."""

    def __init__(self, handle: Callable[[Any, Any], Any]) -> None:
        self.__globals__ = handle.__globals__
        self._handle, self._modules = handle, _endpoint_modules()

    def __call__(self, event: Any, context: Any) -> Any:
        """Answer an event."""
        if sys.modules.get("endpoint") is not self._modules["endpoint"]:
            for name in _endpoint_modules():
                del sys.modules[name]
            sys.modules.update(self._modules)
        before = len(sys.modules)
        try:
            return self._handle(event, context)
        finally:
            if len(sys.modules) != before:
                self._modules = _endpoint_modules()


def _endpoint_modules() -> dict[str, ModuleType]:
    return {k: v for k, v in sys.modules.items() if k.partition(".")[0] == "endpoint"}


def failure(root: Path, train_py: str, **image: Any) -> MldeployError:
    """Return the error that training ends with; no bundle is left."""
    import pytest  # the environment with torch has none

    config = project(root, train_py, **image)
    with pytest.raises(MldeployError) as raised:
        trained(config)
    assert not config.bundle.exists()
    return raised.value
