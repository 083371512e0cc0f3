"""The real container under attack, and asked as a client of the Open Inference Protocol does."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools.fuzz.container import project, running
from tools.fuzz.gateway import serving
from tools.fuzz.run import Run, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.fuzz.container import Container

TRAIN = (Path(__file__).parents[2] / "examples" / "iris" / "train.py").read_text()


@pytest.fixture(scope="module")
def container(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """The tutorial's model with all that an image can serve, held to Lambda's rules."""
    config = project(tmp_path_factory.mktemp("fuzz") / "iris", TRAIN)
    with running(config) as found:
        yield found


def test_two_thousand_hostile_requests(container: Container) -> None:
    """Schemathesis reads the endpoint's own document, our bodies do the rest: nothing is wrong.

    `make fuzz` sends a hundred thousand.
    """
    run = Run(container, seed=0)
    run.everything(2_000, 20)
    assert not run.faults, table(run)
    assert {who for who, _ in run.statuses} >= {"Schemathesis", "HTTP API 2.0", "direct invoke"}
    assert run.sent >= 2_000
    assert run.memory[-1] - run.memory[0] < 100, table(run)


def test_a_client_of_the_open_inference_protocol_is_answered(container: Container) -> None:
    """Ready? What do you take? Then infer, as the metadata says, over HTTP."""
    with serving(container.answer, container.routes) as url:

        def ask(path: str, body: Any = None) -> Any:
            data = None if body is None else json.dumps(body).encode()
            headers = {"content-type": "application/json"}
            request = urllib.request.Request(url + path, data, headers)  # noqa: S310 - http
            with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - http
                return json.load(reply)

        assert ask("/v2/health/ready")["ready"]
        model = ask("/v2/models/predict")
        (tensor,) = model["inputs"]
        data = [5.1, 3.5, 1.4, 0.2, 6.7, 3.0, 5.2, 2.3]
        given = {**tensor, "shape": [2, tensor["shape"][1]], "data": data}
        answer = ask("/v2/models/predict/infer", {"id": "42", "inputs": [given]})
    assert (answer["id"], answer["model_name"]) == ("42", model["name"])
    found = {one["name"]: one for one in answer["outputs"]}
    assert found["predict"]["data"] == [0, 2]
    assert found["class_name"]["data"] == ["setosa", "virginica"]
    assert [one["name"] for one in model["outputs"]] == list(found)
