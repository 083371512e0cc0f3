"""`--target local`: the real commands on the embedded AWS, functions as processes."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from mldeploy.cli.app import run
from mldeploy.embedded.control import running
from tests.support.commands import Command, json_command
from tests.support.embedded import client_of, own_cloud, signed_headers
from tests.support.served import CONFIG, tiny_project, until


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with own_cloud(tmp_path_factory.mktemp("cloud") / "local") as folder:
        assert run(["local", "start", "--functions", "process"]) == 0
        yield folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloud: Path) -> Path:
    """A project of two functions, whose name no other test has."""
    del cloud
    name = f'name = "t{os.getpid()}{id(tmp_path)}"\nregion = "eu-central-1"'
    root = tiny_project(tmp_path / "tiny", CONFIG.replace('name = "tiny"', name))
    monkeypatch.chdir(root)
    monkeypatch.setenv("MLDEPLOY_TARGET", "local")
    return root


@pytest.fixture
def command(project: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command with -o json; return its exit code and envelope."""
    del project
    return json_command(capsys)


def deployed(command: Command) -> str:
    """Deploy; return the API's address."""
    code, found = command("deploy", "--yes")
    assert code == 0, found
    return str(found["result"]["url"])


def ask(url: str, path: str = "/echo/x", payload: Any = None, **more: Any) -> Any:
    return urllib3.request("POST", url + path, json=payload or {}, retries=False, **more)


def value(url: str) -> int:
    answer = ask(url)
    assert answer.status == 200, answer.data
    return int(answer.json()["value"])


def change(root: Path, number: int) -> None:
    (root / "helper.py").write_text(f"VALUE = {number}\n")


def test_the_main_job(project: Path, command: Command) -> None:
    """Deploy, ask, change, plan, deploy, roll back, destroy: each as on AWS."""
    url = deployed(command)
    answer = ask(url, "/echo/a/b").json()
    assert (answer["value"], answer["path"]) == (1, "a/b")
    assert ask(url, "/other").data == b"of the file"
    assert ask(url, "/nope").data == b'{"message":"Not Found"}'

    code, again = command("deploy", "--yes")
    assert (code, again["result"]["changes"]) == (0, [])

    change(project, 2)
    code, plan = command("plan", "--exit-code")
    assert code == 3
    kinds = Counter(f"{one['action']} {one['kind']}" for one in plan["result"]["changes"])
    assert kinds == {
        "create image": 1, "update function": 2, "create version": 2, "update alias": 2,
    }  # fmt: skip
    assert value(url) == 1
    assert deployed(command) == url
    assert value(url) == 2

    code, listed = command("releases")
    echo = [one for one in listed["result"]["releases"] if one["function"].endswith("_echo")]
    assert [(one["version"], one["share"]) for one in echo] == [("2", 1.0), ("1", 0.0)]
    assert len({one["digest"] for one in echo}) == 2

    assert command("rollback")[0] == 0
    assert value(url) == 1
    assert command("status")[1]["result"]["functions"][0]["version"] == "1"

    assert command("destroy", "--confirm", project_name(project))[0] == 0
    assert not command("status")[1]["result"]["deployed"]
    assert url not in [one["ApiEndpoint"] for one in client_of("apigatewayv2").get_apis()["Items"]]
    assert command("destroy", "--confirm", project_name(project))[1]["result"]["changes"] == []


def project_name(root: Path) -> str:
    return (root / "mldeploy.toml").read_text().split('"')[1]


def test_the_releases_environment_and_logs_are_lambdas(project: Path, command: Command) -> None:
    """A direct call names the version and carries the log's end, which CloudWatch has, too."""
    deployed(command)
    code, called = command("invoke", "--direct", "--function", "echo", "--data", '{"a": 1}')
    assert code == 6  # the handler wants a path: it raises
    assert "KeyError" in json.dumps(called)
    name = f"mldeploy_{project_name(project)}_dev_other"
    done = client_of("lambda").invoke(
        FunctionName=name, Qualifier="live", LogType="Tail", Payload=b'{"body": "x"}'
    )
    assert (done["ExecutedVersion"], done.get("FunctionError")) == ("1", None)
    assert json.loads(done["Payload"].read())["body"] == "of the file"
    group = f"/aws/lambda/{name}"
    until(lambda: messages(group))
    found = messages(group)
    assert any(one.startswith("REPORT RequestId: ") for one in found)
    assert any("Version: 1" in one for one in found)


def messages(group: str) -> list[str]:
    events = client_of("logs").filter_log_events(logGroupName=group)["events"]
    return [one["message"] for one in events]


def test_no_request_is_lost_while_a_release_is_shifted(project: Path, command: Command) -> None:
    """Eight clients ask all the time; each is answered by the old release or the new one."""
    url = deployed(command)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def client() -> None:
        while not stop.is_set():
            answer = ask(url)
            seen.append((answer.status, answer.json().get("value", 0)))

    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(client)
        change(project, 2)
        deployed(command)
        until(lambda: (200, 2) in seen)
        stop.set()
    assert set(seen) == {(200, 1), (200, 2)}


def test_a_release_that_fails_its_check_meets_nobody(project: Path, command: Command) -> None:
    """The verification really runs: the alias stays where it was."""
    url = deployed(command)
    (project / "helper.py").write_text("VALUE = 1 / 0\n")
    code, failed = command("deploy", "--yes")
    assert (code, failed["error"]["code"]) == (6, "MLD501")
    assert "ZeroDivisionError" in json.dumps(failed)
    assert value(url) == 1


def test_what_left_the_file_leaves_the_gateway(project: Path, command: Command) -> None:
    """A function that is removed takes its route along."""
    url = deployed(command)
    file = project / "mldeploy.toml"
    text = file.read_text()
    start, end = text.index("[functions.other]"), text.index("[api]")
    file.write_text(text[:start] + text[end:])
    assert deployed(command) == url
    assert ask(url, "/other").status == 404
    assert value(url) == 1


def test_an_integration_needs_its_permission(project: Path, command: Command) -> None:
    """Without the statement in the alias's policy API Gateway answers 500; a deploy mends it."""
    url = deployed(command)
    name = f"mldeploy_{project_name(project)}_dev_echo"
    functions = client_of("lambda")
    policy = json.loads(functions.get_policy(FunctionName=name, Qualifier="live")["Policy"])
    for one in policy["Statement"]:
        functions.remove_permission(FunctionName=name, Qualifier="live", StatementId=one["Sid"])
    assert ask(url).status == 500
    deployed(command)
    assert value(url) == 1


def test_an_aliases_weights_share_the_requests(project: Path, command: Command) -> None:
    """As Lambda's routing configuration does."""
    url = deployed(command)
    change(project, 2)
    deployed(command)
    name = f"mldeploy_{project_name(project)}_dev_echo"
    client_of("lambda").update_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion="2",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
    )
    counted = Counter(value(url) for _ in range(60))
    assert min(counted[1], counted[2]) > 10
    assert invocations(name, "2") >= counted[2]
    assert invocations(name, "1") >= counted[1]


def invocations(function: str, version: str) -> float:
    """Ask CloudWatch for the requests of a version behind the alias."""
    given = {"FunctionName": function, "Resource": f"{function}:live", "ExecutedVersion": version}
    named = [{"Name": name, "Value": value} for name, value in given.items()]
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": named}
    now = datetime.now(UTC)
    found = client_of("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
        ],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
    )
    return float(sum(found["MetricDataResults"][0]["Values"]))


@pytest.mark.parametrize(("auth", "status"), [("iam", 403), ("jwt", 401)])
def test_who_says_nothing_of_themselves_is_refused(
    project: Path, command: Command, auth: str, status: int
) -> None:
    """The gateway asks for a signature or a token; a deploy confirms what it can."""
    file = project / "mldeploy.toml"
    issuer = '[api.jwt]\nissuer = "https://issuer.example.com"\naudience = ["a"]\n'
    text = file.read_text().replace('auth = "none"', f'auth = "{auth}"')
    file.write_text(text + (issuer if auth == "jwt" else ""))
    url = deployed(command)
    assert ask(url).status == status
    if auth == "iam":
        address = f"{url}/echo/x"
        given = {"authorization": "AWS4-HMAC-SHA256 Credential=…".encode()}
        assert ask(url, headers=given).status == status
        assert ask(url, headers=signed_headers(address, b"[]")).status == status
        assert ask(url, headers=signed_headers(address, b"{}")).status == 200
    else:
        assert ask(url, headers={"authorization": "Bearer x"}).status == 200


def test_settings_that_moto_lacks_are_kept(project: Path, command: Command) -> None:
    """Concurrency of both kinds, storage, a changed throttle: deployed once, then no change."""
    file = project / "mldeploy.toml"
    text = file.read_text()
    more = "provisioned_concurrency = 1\nreserved_concurrency = 2\nephemeral_storage = 1024\n"
    deployed(command)
    file.write_text(text.replace("timeout = 1\n", f"timeout = 2\n{more}").replace("100000", "7"))
    deployed(command)
    assert command("plan")[1]["result"]["changes"] == []
    assert ask(deployed(command), "/other").status == 201


def test_requests_beyond_the_throttle_are_refused(project: Path, command: Command) -> None:
    """The stage's settings are the gateway's."""
    file = project / "mldeploy.toml"
    file.write_text(file.read_text().replace("100000", "2"))
    url = deployed(command)
    statuses = Counter(ask(url).status for _ in range(20))
    assert statuses[429] >= 10
    assert statuses[200] >= 2


SECRET_HANDLER = """\
import os

FOUND = f"{os.environ.get('PASSWORD')},{os.environ.get('TOKEN')}"


def handle(event, context):
    return {"found": FOUND}


def other(event, context):
    return "other"
"""


def test_references_are_read_from_the_embedded_stores(project: Path, command: Command) -> None:
    """A release whose secret isn't there is refused by name; with it the handler finds it."""
    file = project / "mldeploy.toml"
    table = '[functions.echo.environment]\nPASSWORD = {{ssm = "/{0}/password"}}\n'
    table += 'TOKEN = {{secretsmanager = "{0}/api", json_key = "token"}}\n'
    file.write_text(file.read_text() + table.format(project.parent.name))
    (project / "tiny.py").write_text(SECRET_HANDLER)
    ssm, secrets = client_of("ssm"), client_of("secretsmanager")
    name = project.parent.name
    secrets.create_secret(Name=f"{name}/api", SecretString='{"token": "the-token"}')
    code, refused = command("deploy", "--yes")
    assert (code, refused["error"]["code"]) == (6, "MLD501")
    assert f"PASSWORD (ssm /{name}/password) can't be read" in json.dumps(refused["error"])
    ssm.put_parameter(Name=f"/{name}/password", Value="the-password", Type="SecureString")
    assert ask(deployed(command)).json() == {"found": "the-password,the-token"}


def test_the_cloud_keeps_what_it_has(cloud: Path) -> None:
    """The reset and the recorder of moto aren't there; boto3 with the key pair reads and writes."""
    endpoint, ssm = running().endpoint, client_of("ssm")
    ssm.put_parameter(Name="/a/b", Value="kept", Type="SecureString")
    for path in ("reset", "recorder/start-recording", "state-manager/set-transition"):
        answer = urllib3.request("POST", f"{endpoint}/moto-api/{path}", body=b"{}")
        assert (answer.status, b"MLD615" in answer.data) == (403, True)
    with pytest.raises(ClientError, match="MLD618"):
        client_of("s3").list_buckets()
    assert ssm.get_parameter(Name="/a/b", WithDecryption=True)["Parameter"]["Value"] == "kept"
    assert (cloud / "credentials").stat().st_mode & 0o777 == 0o600
