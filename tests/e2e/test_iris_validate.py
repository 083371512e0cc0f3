"""Two functions behind one API, from one image: the example, told in order."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cloud.cloud import Cloud
    from tests.e2e.conftest import Cli, Ran

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris-validate"
NAME = "iris-validate-e2e"
IRIS = b'{"features": [5.1, 3.5, 1.4, 0.2]}'
NO_IRIS = b'{"features": [51, 3.5, 1.4, 0.2]}'


@dataclass
class Story:
    """A project on its way, and its functions after the last deploy, by their names."""

    folder: Path
    functions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def remember(self, ran: Ran) -> dict[str, Any]:
        """Note the outputs of a deploy and return its result."""
        result: dict[str, Any] = ran.ok().json["result"]
        self.functions = {one["name"].rpartition("_")[2]: one for one in result["functions"]}
        return result

    def url(self, function: str) -> str:
        return str(self.functions[function]["url"])

    def edit(self, before: str, after: str) -> None:
        file = self.folder / "mldeploy.toml"
        text = file.read_text()
        assert text.count(before) == 1
        file.write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    story = Story(tmp_path_factory.mktemp("e2e") / NAME)
    shutil.copytree(EXAMPLE, story.folder, ignore=shutil.ignore_patterns("model"))
    story.edit('"iris-validate"', f'"{NAME}"')
    return story


def answered(cloud: Cloud, url: str, body: bytes) -> tuple[int, Any]:
    status, text = cloud.open(url, body)
    return status, json.loads(text)


def touched(result: dict[str, Any]) -> set[str]:
    return {one["name"] for one in result["changes"]}


def test_both_routes_answer_over_http(story: Story, cli: Cli, cloud: Cloud) -> None:
    """The model on one, the user's own function on the other, as soon as deploy has ended."""
    cli(story.folder, "train").ok()
    story.remember(cli(story.folder, "deploy", "-o", "json"))
    assert set(story.functions) == {"predict", "validate"}
    status, body = answered(cloud, story.url("predict"), IRIS)
    assert (status, body["prediction"]["class_name"]) == (200, "setosa")
    assert answered(cloud, story.url("validate"), IRIS) == (200, {"valid": True, "errors": []})
    status, body = answered(cloud, story.url("validate"), NO_IRIS)
    assert (status, body["valid"]) == (200, False)
    assert body["errors"] == ["sepal length (cm): expected 3 to 10, got 51"]


def test_a_bad_body_is_a_problem_on_both(story: Story, cloud: Cloud) -> None:
    """RFC 9457 from mldeploy's handler and from the example's."""
    for function in ("predict", "validate"):
        status, body = answered(cloud, story.url(function), b"{")
        assert (status, body["status"]) == (400, 400)
        status, body = answered(cloud, story.url(function), b'{"features": [1, 2]}')
        assert (status, body["title"]) == (422, "Unprocessable Entity")


def test_they_share_one_image_with_settings_of_their_own(story: Story, cloud: Cloud) -> None:
    """One digest in ECR, one image in the containers; memory and timeout are each one's own."""
    assert len({one["digest"] for one in story.functions.values()}) == 1
    assert len(cloud.images(f"mldeploy/{NAME}")) == 1
    found = {
        name: cloud.client("lambda").get_function_configuration(FunctionName=one["name"])
        for name, one in story.functions.items()
    }
    settings = {name: (one["MemorySize"], one["Timeout"]) for name, one in found.items()}
    assert settings == {"predict": (1024, 15), "validate": (256, 3)}
    assert len({container.image.id for container in cloud.containers()}) == 1


def test_our_events_never_reach_a_handler_from_outside(
    story: Story, cli: Cli, cloud: Cloud
) -> None:
    """In a body over HTTP they are a bad request; a direct invoke gets the golden answers."""
    assert answered(cloud, story.url("validate"), b'{"mldeploy": "verify"}')[0] == 422
    direct = cli(story.folder, "invoke", "--direct", "--function", "validate",
                 "--data", '{"mldeploy": "verify"}').ok()  # fmt: skip
    assert json.loads(direct.out)["problems"] == []


def test_an_event_goes_to_its_own_route(story: Story, cli: Cli) -> None:
    """The example's events are answered as its README says."""
    ran = cli(story.folder, "invoke", "-e", "events/validate.json").ok()
    assert json.loads(ran.out)["valid"] is False
    ran = cli(story.folder, "invoke", "-e", "events/predict.json").ok()
    assert json.loads(ran.out)["prediction"]["class_name"] == "versicolor"


def test_a_change_of_one_touches_it_alone(story: Story, cli: Cli, cloud: Cloud) -> None:
    """More memory for validate is a new version of validate, without Docker."""
    before = story.functions["predict"]
    story.edit("memory = 256", "memory = 320")
    nowhere = {"DOCKER_HOST": "tcp://127.0.0.1:1"}
    result = story.remember(cli(story.folder, "deploy", "-o", "json", **nowhere))
    name = story.functions["validate"]["name"]
    assert {re.split("[:@]", one)[0] for one in touched(result)} == {name}
    assert story.functions["predict"] == before
    assert story.functions["validate"]["memory"] == 320
    assert answered(cloud, story.url("validate"), IRIS)[0] == 200
    assert cli(story.folder, "plan", "--exit-code").code == 0


def test_one_that_leaves_the_file_leaves_aws(story: Story, cli: Cli, cloud: Cloud) -> None:
    """Function, role, logs and route go; the other's URL answers as before."""
    url, name = story.url("validate"), story.functions["validate"]["name"]
    predict = story.url("predict")
    file = story.folder / "mldeploy.toml"
    head, _, tail = file.read_text().partition("[functions.validate]")
    file.write_text(f"{head}[api]{tail.partition('[api]')[2]}")
    story.remember(cli(story.folder, "deploy", "-o", "json"))
    assert set(story.functions) == {"predict"}
    functions = cloud.client("lambda").list_functions()["Functions"]
    assert name not in {one["FunctionName"] for one in functions}
    left = [cloud.client("iam").list_roles()["Roles"], cloud.client("logs").describe_log_groups()]
    assert name not in json.dumps(left, default=str)
    assert cloud.open(url, IRIS)[0] == 404
    assert story.url("predict") == predict
    assert answered(cloud, predict, IRIS)[1]["prediction"]["class_name"] == "setosa"
    cli(story.folder, "destroy", "--confirm", NAME).ok()
