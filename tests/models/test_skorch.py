"""A real skorch model on float32 arrays, in an environment of its own: `make torch`.

torch takes several GB unless a build for the CPU is at hand, so it is no dependency of the tests.
Without the environment the test is skipped with the reason; where `MLDEPLOY_REQUIRE_TORCH=1` is
set, that is a failure.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.models.harness import ROOT

PYTHON = ROOT / ".venv-torch/bin/python"
SECONDS = 300

NET = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
        )

    def forward(self, x):
        return torch.softmax(self.layers(x), dim=1)
"""
TRAIN = """
import numpy as np
import torch
from net import Net
from sklearn.datasets import load_iris
from skorch import NeuralNetClassifier


def data():
    x, y = load_iris(return_X_y=True)
    return x.astype(np.float32), y.astype(np.int64)


def estimator():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return NeuralNetClassifier(Net, max_epochs=5, lr=0.1, train_split=None, verbose=0)
"""


@pytest.fixture
def python() -> str:
    """The Python of the environment that has torch and skorch."""
    if not (PYTHON.parents[1] / ".installed").exists():
        reason = f"{PYTHON.parents[1].name} isn't there: `make torch` makes it"
        if os.environ.get("MLDEPLOY_REQUIRE_TORCH") == "1":
            pytest.fail(f"MLDEPLOY_REQUIRE_TORCH=1, but {reason}", pytrace=False)
        pytest.skip(reason)
    return str(PYTHON)


def test_a_skorch_model_on_float32_is_served_as_trained(python: str, tmp_path: Path) -> None:
    """`mldeploy train` proves it; the handler's answers are the fitted network's, to the bit."""
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "train.py").write_text(TRAIN)
    done = subprocess.run(
        [python, str(Path(__file__).with_name("skorch_run.py")), str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["dtype"] == "float32"
    assert found["statuses"] == [200] * 6
    for request, response in zip(found["expected"], found["answered"], strict=True):
        assert response == request
