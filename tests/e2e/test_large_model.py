"""A model of a gigabyte: large models are why the image is a container."""

import json
from pathlib import Path

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli

# Mostly zeros: numbers of all kinds keep the engine compressing and the registry unpacking for
# minutes, which is neither's size in memory or on disk.
LARGE = """
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Large(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.table_ = np.zeros(128_000_000)
        self.table_[: 3_000_000] = np.arange(3_000_000)
        return self

    def predict(self, X):
        width = self.table_[(np.asarray(X)[:, 3] * 1_000_000).astype(int)] / 1_000_000
        return self.classes_[np.digitize(width, [0.8, 1.7])]
"""
TRAIN = """
from large import Large
from sklearn.datasets import load_iris


def data():
    return load_iris()


def estimator():
    return Large()
"""
CONFIG = """
[project]
name = "iris-large"

[image]
include = ["large.py"]

[functions.predict]
memory = 3008
timeout = 30

[api]
auth = "none"
"""


def test_a_model_of_a_gigabyte_goes_all_the_way(tmp_path: Path, cli: Cli, cloud: Cloud) -> None:
    """Trained, built, tried out with the function's memory, pushed, verified, asked over HTTP."""
    folder = tmp_path / "iris-large"
    folder.mkdir()
    for name, text in (("large.py", LARGE), ("train.py", TRAIN), ("mldeploy.toml", CONFIG)):
        (folder / name).write_text(text)
    cli(folder, "train").ok()
    assert (folder / "model/model.joblib").stat().st_size > 1_000_000_000
    (made,) = cli(folder, "deploy", "-o", "json").ok().json["result"]["functions"]
    status, body = cloud.open(made["url"], json.dumps({"features": [6.7, 3.0, 5.2, 2.3]}).encode())
    assert (status, json.loads(body)["prediction"]["class_name"]) == (200, "virginica")
    tag = cli(folder, "build", "-o", "json").ok().json["result"]["image"]
    cli(folder, "destroy", "--confirm", "iris-large").ok()
    # A gigabyte isn't left behind for the next run.
    from tests.cloud import engine

    engine.client().images.remove(tag, force=True)
