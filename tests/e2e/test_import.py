"""Models that were fitted elsewhere, from their files to answers of the image."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli

ELSEWHERE = """
import joblib
import numpy as np
import skl2onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

iris = load_iris(as_frame=True)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(iris.data.to_numpy(), iris.target)
joblib.dump(model, "model.joblib")
graph = skl2onnx.to_onnx(model, iris.data.to_numpy()[:1].astype(np.float32))
open("model.onnx", "wb").write(graph.SerializeToString())
iris.frame.to_csv("rows.csv", index=False)
"""
CONFIG = """
[project]
name = "imported-e2e"
region = "eu-central-1"

[api]
auth = "none"

[models.graph]

[functions.predict]

[functions.graph]
model = "graph"
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Iterator[dict[str, Any]]:
    """Fit in a process that knows nothing of mldeploy, import both files, deploy."""
    folder = tmp_path_factory.mktemp("e2e") / "imported"
    folder.mkdir()
    (folder / "mldeploy.toml").write_text(CONFIG)
    subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=folder, check=True)
    given = ("--example", "rows.csv", "--target-column", "target")
    cli(folder, "import", "model.joblib", *given, "--trust").ok()
    cli(folder, "import", "model.onnx", *given, "--model", "graph").ok()
    result = cli(folder, "deploy", "-o", "json").ok().json["result"]
    urls = {one["name"].rpartition("_")[2]: one["url"] for one in result["functions"]}
    yield {"folder": folder, **urls}
    cli(folder, "destroy", "--confirm", "imported-e2e").ok()


@pytest.mark.parametrize("name", ["predict", "graph"])
def test_an_imported_model_answers_over_http(
    deployed: dict[str, Any], cloud: Cloud, name: str
) -> None:
    """A pickle and an ONNX file of the same model say the same of the same rows."""
    rows = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
    status, body = cloud.open(deployed[name], json.dumps({"instances": rows}).encode())
    assert status == 200
    found = json.loads(body)["predictions"]
    assert [one["class_label"] for one in found] == [0, 2]
    assert found[1]["probabilities"]["2"] == pytest.approx(0.961, abs=0.001)


def test_the_image_of_a_graph_has_no_scikit_learn(deployed: dict[str, Any], cloud: Cloud) -> None:
    """ONNX Runtime and what it needs is all that is installed in it."""
    path = Path(deployed["folder"], "models/graph/requirements.txt")
    lines = path.read_text()
    assert "onnxruntime==" in lines
    assert "scikit-learn" not in lines
    (container,) = [one for one in cloud.containers() if _answers(one, "onnxruntime")]
    assert not _answers(container, "sklearn")


def _answers(container: Any, module: str) -> bool:
    """Tell whether a container can import a module."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return int(container.exec_run(["python", "-c", code]).exit_code) == 0
