"""The main job on real parts: engine, base image, registry, Lambda runtime, HTTP.

One story, told in order: each test goes on from where the one before it ended.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mldeploy.http.call import call
from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli, Ran

BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()


@dataclass
class Story:
    """A project on its way: its folder and the outputs of the last deploy."""

    folder: Path
    url: str = ""
    version: str = ""
    digest: str = ""

    def remember(self, ran: Ran) -> dict[str, Any]:
        """Note the outputs of a deploy and return its result."""
        result: dict[str, Any] = ran.ok().json["result"]
        (function,) = result["functions"]
        self.url, self.version = function["url"], function["version"]
        self.digest = function["digest"]
        return result


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("e2e") / "iris-e2e")


def changed(result: dict[str, Any]) -> list[str]:
    return [f"{one['action']} {one['kind']}" for one in result["changes"]]


def pushed(ran: Ran) -> tuple[int, int]:
    """Return how many layers a deploy pushed and how many were there."""
    found = re.search(r"(\d+) layers pushed, (\d+) already there", ran.err)
    assert found, ran.err
    return int(found[1]), int(found[2])


def test_a_project_is_scaffolded_and_trained(story: Story, cli: Cli) -> None:
    """Scaffolding and training make a bundle of the tutorial's model."""
    cli(story.folder.parent, "init", story.folder.name, "--yes", "--auth", "none").ok()
    trained = cli(story.folder, "train", "--min-metric", "f1_macro=0.9", "-o", "json").ok()
    assert trained.json["result"]["metrics"]["accuracy"] > 0.9
    assert (story.folder / "model" / "model.joblib").is_file()


def test_training_again_makes_the_same_image(story: Story, cli: Cli) -> None:
    """Equal inputs give an equal digest, and so an equal tag."""
    first = cli(story.folder, "build", "-o", "json").ok().json["result"]
    cli(story.folder, "train").ok()
    again = cli(story.folder, "build", "-o", "json").ok().json["result"]
    assert (again["tag"], again["id"]) == (first["tag"], first["id"])


def test_a_first_deploy_ends_in_an_answer_over_http(story: Story, cli: Cli, cloud: Cloud) -> None:
    """A container of the very image that was pushed answers the tutorial's body."""
    result = story.remember(cli(story.folder, "deploy", "-o", "json"))
    assert len(result["changes"]) == 8
    event = json.loads((story.folder / "events" / "event.json").read_text())
    status, body = cloud.open(story.url, event["body"].encode())
    assert status == 200
    assert json.loads(body)["prediction"]["class_name"] == "setosa"
    images = {container.image.id for container in cloud.containers()}
    local = cli(story.folder, "build", "-o", "json").ok().json["result"]["id"]
    assert images == {local}


INSTALLED = """
import importlib.metadata, json
found = importlib.metadata.distributions(path=["/var/task"])
print(json.dumps({one.name.lower().replace("_", "-"): one.version for one in found}))
"""


def test_documents_stand_beside_the_image(story: Story, cloud: Cloud) -> None:
    """The bill lists what Python finds in the container, and the model that answers."""
    ecr, named = cloud.client("ecr"), {"repositoryName": "mldeploy/iris-e2e"}

    def manifest(**image: str) -> Any:
        (found,) = ecr.batch_get_image(**named, imageIds=[image])["images"]
        return json.loads(found["imageManifest"])

    documents = {}
    for child in manifest(imageTag=story.digest.replace(":", "-"))["manifests"]:
        found = manifest(imageDigest=child["digest"])
        assert found["subject"]["digest"] == story.digest
        layer = found["layers"][0]["digest"]
        url = ecr.get_download_url_for_layer(**named, layerDigest=layer)["downloadUrl"]
        documents[found["artifactType"]] = call("GET", url, None).content
    bill = documents["application/vnd.cyclonedx+json"]
    container = cloud.containers()[0]
    installed = json.loads(container.exec_run(["python", "-c", INSTALLED]).output)
    listed = {one["name"]: one["version"] for one in bill["components"] if "purl" in one}
    assert listed == installed
    model = (story.folder / "model/model.safetensors").read_bytes()
    (card,) = [one for one in bill["components"] if one["type"] == "machine-learning-model"]
    assert card["hashes"][0]["content"] == hashlib.sha256(model).hexdigest()
    statement = documents["application/vnd.in-toto+json"]
    assert statement["subject"][0]["digest"]["sha256"] == story.digest.partition(":")[2]


def test_a_bad_request_is_the_clients_fault(story: Story, cloud: Cloud) -> None:
    """Over HTTP a wrong count is a 422 with a JSON problem, and the next request is answered."""
    status, body = cloud.open(story.url, b'{"features": [1, 2]}')
    assert status == 422
    assert json.loads(body)["status"] == 422
    assert cloud.open(story.url, BODY)[0] == 200


def test_other_clients_formats_are_answered(story: Story, cloud: Cloud) -> None:
    """The container takes a CSV and MLflow's rows through the gateway, and refuses a form."""
    names = json.loads((story.folder / "model" / "model.json").read_text())["signature"]["features"]
    text = ",".join(one["name"] for one in names) + "\n5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n"
    status, body = cloud.open(story.url, text.encode(), content_type="text/csv")
    assert status == 200
    found = [one["class_name"] for one in json.loads(body)["predictions"]]
    assert found == ["setosa", "virginica"]
    status, body = cloud.open(story.url, b'{"inputs": [[5.1, 3.5, 1.4, 0.2]]}')
    assert (status, json.loads(body)["predictions"]) == (200, [0])
    form = "application/x-www-form-urlencoded"
    assert cloud.open(story.url, BODY, content_type=form)[0] == 415


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # The medians of the columns: a flower between the other two.
        ((), "versicolor"),
        (("--golden",), "setosa"),
        (("-e", "events/event.json"), "setosa"),
        (("--direct",), "versicolor"),
        (("--direct", "-e", "events/event.json"), "setosa"),
        (("--data", '{"features": [5.1, 3.5, 1.4, 0.2]}', "--expect",
          '{"prediction": {"class_name": "setosa"}}'), "setosa"),
    ],
)  # fmt: skip
def test_invoke_is_the_smoke_test(
    arguments: tuple[str, ...], expected: str, story: Story, cli: Cli
) -> None:
    """Over HTTP and directly, with the example, the golden ones, an event, and data."""
    ran = cli(story.folder, "invoke", *arguments).ok()
    body = json.loads(ran.out)
    first = body.get("prediction") or body["predictions"][0]
    assert first["class_name"] == expected
    assert " ms from " in ran.err


def test_logs_show_the_request_that_was_just_made(story: Story, cli: Cli, cloud: Cloud) -> None:
    """A request's id is in its answer, and in the lines that `logs` prints, which have a time."""
    request = json.loads(cloud.open(story.url, BODY)[1])["request_id"]
    # The line comes after the answer.
    for _ in range(10):
        ran = cli(story.folder, "logs", "--since", "1m", "--filter", request).ok()
        if ran.out:
            break
    assert f"  START RequestId: {request}" in ran.out
    assert all(re.match(r"\d{4}-\d\d-\d\dT\S+Z  ", line) for line in ran.out.splitlines())
    assert all(request in line for line in ran.out.splitlines())


def test_a_wrong_answer_exits_with_6(story: Story, cli: Cli) -> None:
    """What isn't expected is named by its place."""
    ran = cli(story.folder, "invoke", "--expect", '{"prediction": {"class_name": "virginica"}}')
    assert ran.code == 6
    assert "$.prediction.class_name" in ran.err


def test_a_second_deploy_does_nothing_and_needs_no_docker(story: Story, cli: Cli) -> None:
    """With DOCKER_HOST pointing nowhere a no-change deploy succeeds."""
    nowhere = {"DOCKER_HOST": "tcp://127.0.0.1:1"}
    ran = cli(story.folder, "deploy", "-o", "json", **nowhere)
    assert changed(ran.ok().json["result"]) == []
    assert cli(story.folder, "plan", "--exit-code", **nowhere).code == 0


def test_a_retrained_model_pushes_its_own_layer_alone(story: Story, cli: Cli, cloud: Cloud) -> None:
    """A new model is a new version behind the same URL, and one layer on the wire."""
    url, version, digest = story.url, story.version, story.digest
    train = story.folder / "train.py"
    train.write_text(train.read_text().replace("n_neighbors=5", "n_neighbors=3"))
    cli(story.folder, "train").ok()
    ran = cli(story.folder, "deploy", "-o", "json")
    result = story.remember(ran)
    assert changed(result) == ["create image", "update function", "create version", "update alias"]
    assert pushed(ran)[0] == 1
    assert story.url == url
    assert (story.version, story.digest) != (version, digest)
    assert cloud.open(story.url, BODY)[0] == 200
    assert cli(story.folder, "invoke", "--golden").code == 0


def test_what_was_changed_by_hand_is_mended(story: Story, cli: Cli, cloud: Cloud) -> None:
    """Memory set by hand shows in the plan and in status, and the next deploy mends it."""
    client = cloud.client("lambda")
    client.update_function_configuration(
        FunctionName="mldeploy_iris-e2e_dev_predict", MemorySize=256
    )
    planned = cli(story.folder, "plan", "--exit-code", "-o", "json")
    assert planned.code == 3
    assert changed(planned.json["result"]) == ["update function"]
    cli(story.folder, "deploy", "--yes").ok()
    assert cli(story.folder, "plan", "--exit-code").code == 0


def test_status_tells_what_runs(story: Story, cli: Cli) -> None:
    """The URL, the live version and the digest, and that nothing differs."""
    result = cli(story.folder, "status", "-o", "json").ok().json["result"]
    assert result["functions"][0]["url"] == story.url
    assert result["functions"][0]["digest"] == story.digest
    assert result["changes"] == []


def test_destroy_leaves_nothing(story: Story, cli: Cli, cloud: Cloud) -> None:
    """Every kind is gone, the URL answers no more, and a second destroy is fine."""
    cli(story.folder, "destroy", "--confirm", "iris-e2e").ok()
    left = json.dumps(
        [
            cloud.client("lambda").list_functions()["Functions"],
            cloud.client("apigatewayv2").get_apis()["Items"],
            cloud.client("iam").list_roles()["Roles"],
            cloud.client("logs").describe_log_groups()["logGroups"],
            cloud.client("ecr").describe_repositories()["repositories"],
        ],
        default=str,
    )
    assert "iris-e2e" not in left
    assert cloud.open(story.url, BODY)[0] == 404
    assert cli(story.folder, "destroy", "--confirm", "iris-e2e").code == 0


def test_python_311_goes_all_the_way(tmp_path: Path, cli_311: Cli, cloud: Cloud) -> None:
    """On Lambda's old C library the project's own bounds choose what can be installed."""
    folder = tmp_path / "iris-old"
    cli_311(tmp_path, "init", folder.name, "--yes", "--auth", "none").ok()
    cli_311(folder, "train").ok()
    pins = (folder / "model" / "requirements.txt").read_text()
    assert re.search(r"^numpy==2\.2\.", pins, re.MULTILINE)
    deployed = cli_311(folder, "deploy", "-o", "json").ok().json["result"]
    status, body = cloud.open(deployed["functions"][0]["url"], BODY)
    assert status == 200
    assert json.loads(body)["prediction"]["class_name"] == "setosa"
    cli_311(folder, "destroy", "--confirm", "iris-old").ok()
