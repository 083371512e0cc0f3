"""Training on a real Dask cluster in other processes, compared with training here."""

import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Note
from mldeploy.model.bundle import load_bundle
from mldeploy.model.train import train
from tests.engines.conftest import Cluster, Run, Start
from tests.support.models import IRIS, NOBODY, USUAL, project, trained

TRAIN = """
from parts.scaling import Scaled
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline


def data():
    return load_iris()


def estimator():
    forest = RandomForestClassifier(5, random_state=0)
    several = OneVsRestClassifier(LogisticRegression())
    both = VotingClassifier([("forest", forest), ("several", several)], voting="soft")
    return GridSearchCV(make_pipeline(Scaled(), both), {"scaled__power": [1, 2]}, cv=2)
"""
SCALING = """
from pathlib import Path

from helper import times
from sklearn.base import BaseEstimator, TransformerMixin


class Scaled(TransformerMixin, BaseEstimator):
    def __init__(self, power=1):
        self.power = power

    def fit(self, X, y=None):
        self.factor_ = float((Path(__file__).parent / "factor.txt").read_text())
        return self

    def transform(self, X):
        return times(X, self.factor_) ** self.power
"""
SLOW = """
import time

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier


class Slow(LogisticRegression):
    def fit(self, X, y):
        time.sleep(60)
        return super().fit(X, y)


def data():
    return load_iris()


def estimator():
    return OneVsRestClassifier(Slow())
"""


def with_modules(root: Path, on: str = "local") -> Config:
    """Return a project of several modules, one with a file beside it."""
    config = project(root, TRAIN, replace(USUAL, cv=2, on=on), index_url=NOBODY)
    (root / "parts").mkdir()
    (root / "parts/__init__.py").touch()
    (root / "parts/scaling.py").write_text(SCALING)
    (root / "parts/factor.txt").write_text("0.7")
    (root / "helper.py").write_text("def times(x, factor):\n    return x * factor\n")
    return config


def test_the_digest_is_that_of_a_training_here(
    with_dask: None, cluster: Cluster, tmp_path: Path
) -> None:
    """A search, a forest, and linear algebra, whose last bits depend on where arrays lie."""
    here = trained(with_modules(tmp_path / "here"))
    there = trained(with_modules(tmp_path / "there", cluster.address))
    assert there.bundle.digest == here.bundle.digest
    assert there.bundle.facts["evaluation"] == here.bundle.facts["evaluation"]
    assert there.bundle.code.keys() == here.bundle.code.keys()
    steps = [one.step for one in there.events if isinstance(one, Finished)]
    assert steps[0] == f"connect to {cluster.address}"
    assert "send your modules to the workers" in steps
    assert not [one for one in there.events if isinstance(one, Note) and "nothing" in one.text]


def test_tls_has_dasks_own_certificates(
    with_dask: None, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest is that of a training here; without a certificate no client is let in."""
    certificate = self_signed(tmp_path)
    for part in ("CA_FILE", *(f"{who}__CERT" for who in ("SCHEDULER", "WORKER", "CLIENT"))):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{part}", str(certificate))
    training = replace(USUAL, cv=0)
    code = IRIS.replace("n_neighbors=5", "n_neighbors=5, n_jobs=-1")

    def on(name: str, address: str) -> Config:
        return project(tmp_path / name, code, replace(training, on=address), index_url=NOBODY)

    with start(protocol="tls") as found:
        there = trained(on("there", found.address))
        assert there.bundle.digest == trained(on("here", "local")).bundle.digest
        monkeypatch.delenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT")
        with pytest.raises(MldeployError) as caught:
            train(on("nobody", found.address), lambda _event: None)
        assert caught.value.code == "MLD251"


def self_signed(folder: Path) -> Path:
    """Write a key with its certificate, which is its own authority."""
    path = folder / "key-and-certificate.pem"
    request = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=cluster -out - -keyout -"
    made = subprocess.run(["openssl", *request.split()], capture_output=True, check=True)
    path.write_bytes(made.stdout)
    return path


def test_workers_run_the_code_that_was_sent_last(
    run: Run, cluster: Cluster, tmp_path: Path
) -> None:
    """A worker lives longer than a training; arrays arrive as a process of their own has them."""
    old, new = json.loads(run("modules.py", tmp_path, cluster.address))
    assert old == [["old", True, True, n] for n in range(4)]
    assert new == [["new", True, True, n] for n in range(4)]


def test_a_worker_with_another_version_is_named(
    with_dask: None, start: Start, tmp_path: Path
) -> None:
    """The model would be another one, or couldn't be loaded."""
    other = tmp_path / "other/joblib-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: joblib\nVersion: 0.1\n")
    with start(other.parent) as found, pytest.raises(MldeployError) as caught:
        train(project(tmp_path / "p", IRIS, replace(USUAL, on=found.address)), lambda _event: None)
    assert caught.value.code == "MLD253"
    assert "the worker tcp://127.0.0.1:" in caught.value.message
    assert "has joblib 0.1, but this machine has joblib 1." in caught.value.message


def test_a_scheduler_that_dies_leaves_the_old_bundle(
    with_dask: None, start: Start, tmp_path: Path
) -> None:
    """Its death ends the training at once, though each fold would be another fit."""
    root = tmp_path / "p"
    config = project(root, IRIS, USUAL, index_url=NOBODY)
    before = trained(config).bundle.digest
    (root / "train.py").write_text(SLOW)
    with start() as found:
        slow = replace(config, training=replace(USUAL, on=found.address))

        def emit(event: object) -> None:
            if "modules" in getattr(event, "step", "") and isinstance(event, Finished):
                Timer(2, os.kill, (found.pid, signal.SIGKILL)).start()

        with pytest.raises(MldeployError) as caught:
            train(slow, emit)
    assert caught.value.code == "MLD252"
    assert load_bundle(config.bundle).digest == before
    assert sorted(one.name for one in root.iterdir() if one.name[0] == ".") == []


def test_a_scheduler_that_hangs_is_given_up(run: Run, start: Start) -> None:
    """Its process is stopped: its port is open, and nothing answers."""
    with start() as found:
        ended = json.loads(run("stopped.py", found.address, found.pid))
    assert ended["code"] == "MLD252"
    assert "no response within 3 seconds" in ended["message"]
    assert ended["closed"] is False


def test_an_address_without_a_scheduler(with_dask: None, tmp_path: Path) -> None:
    """The error names it, before data() runs."""
    config = project(tmp_path, "raise SystemExit", replace(USUAL, on="dask://127.0.0.1:9"))
    with pytest.raises(MldeployError) as caught:
        train(config, lambda _event: None)
    assert caught.value.code == "MLD251"
    assert "dask://127.0.0.1:9 can't be reached: ConnectionRefusedError" in caught.value.message


def test_an_engine_without_tasks_is_said(with_dask: None, cluster: Cluster, tmp_path: Path) -> None:
    """Otherwise a cluster is paid for and does nothing; predictions don't go there."""
    code = IRIS.replace("n_neighbors=5", "n_neighbors=5, n_jobs=-1")
    training = replace(USUAL, on=cluster.address, cv=0)
    found = trained(project(tmp_path, code, training, index_url=NOBODY))
    notes = [one.text for one in found.events if isinstance(one, Note)]
    expected = f"nothing ran on {cluster.address}: the fit of Pipeline has no parallel tasks"
    assert [expected in one for one in notes].count(True) == 1
