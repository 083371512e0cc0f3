"""The clients: shared reads, reported retries, polls."""

import time
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.events import Event, Waiting
from tests.strict.aws import REGION, StrictAws


@pytest.fixture(autouse=True)
def _calls_of_the_test(aws: StrictAws) -> None:
    """The test calls as no command does: `mldeploy iam policy` isn't what it is held to."""
    aws.least.held = False


class Body:
    """A response's raw body, as urllib3 has it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_: Any) -> Any:
        yield self.content


def throttling(client: Any, times: int) -> list[int]:
    """Let a client's calls be throttled so many times; return a list that counts them."""
    seen: list[int] = []

    def answer(**_: Any) -> AWSResponse | None:
        seen.append(1)
        if len(seen) > times:
            return None
        headers = {"x-amzn-errortype": "TooManyRequestsException"}
        return AWSResponse("https://x", 429, headers, Body(b'{"message": "Rate exceeded"}'))

    client.meta.events.register_first("before-send", answer)
    return seen


def test_throttling_is_waited_out_and_told(aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries go on silently at first; when they last, they are reported by name."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    events: list[Event] = []
    clients = Clients(REGION, emit=events.append)
    seen = throttling(clients.functions, 4)
    clients.functions.list_functions()
    assert len(seen) == 5
    waits = [one for one in events if isinstance(one, Waiting)]
    assert [one.step for one in waits] == ["AWS ListFunctions"] * 2
    assert "TooManyRequestsException" in waits[0].reason


def test_a_read_is_made_once(aws: StrictAws) -> None:
    """Resources that look at the same thing share the call, until something changed."""
    clients = Clients(REGION)
    for _ in range(3):
        clients.observation.read("lambda", "list_functions")
    clients.observation.read_together(
        ("lambda", "list_functions", {}), ("lambda", "list_functions", {})
    )
    assert [call.name for call in aws.calls] == ["lambda:ListFunctions"]
    clients.observation.again()
    clients.observation.read("lambda", "list_functions")
    assert len(aws.calls) == 2


def test_a_read_of_nothing_is_none_and_a_denied_one_is_an_error(aws: StrictAws) -> None:
    """Only AWS's own "not found" means that a thing isn't there."""
    clients = Clients(REGION)
    assert clients.observation.read("lambda", "get_function", FunctionName="f") is None
    aws.deny("iam:GetRole")
    with pytest.raises(Exception, match="not authorized"):
        clients.observation.read("iam", "get_role", RoleName="r")


def test_pages_are_read_to_the_end(aws: StrictAws) -> None:
    """Five APIs come in three pages and are one list."""
    for number in range(5):
        aws.client("apigatewayv2").create_api(Name=str(number), ProtocolType="HTTP")
    answer = Clients(REGION).observation.read("apigatewayv2", "get_apis")
    assert answer is not None
    assert len(answer["Items"]) == 5


def test_a_call_that_must_not_be_repeated_is_sent_once(
    aws: StrictAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CreateApi has no retries: a repeated POST would make a second API."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    client = Clients(REGION).client("apigatewayv2", retries=False)
    seen = throttling(client, 4)
    with pytest.raises(Exception, match="Rate exceeded"):
        client.create_api(Name="a", ProtocolType="HTTP")
    assert len(seen) == 1


def test_polls_end() -> None:
    """The seconds waited so far grow until the limit is passed."""
    clients = Clients(REGION, sleep=lambda _seconds: None)
    waited = list(clients.polls(10))
    assert waited[0] == 0
    assert waited == sorted(waited)
    assert waited[-1] >= 10


def test_an_emulator_is_reached_with_nothing_of_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a profile that isn't there, nor credentials, nor a proxy come in between."""
    monkeypatch.setenv("AWS_PROFILE", "nonesuch")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-real-one")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    (tmp_path / "config").write_text("[default]\nregion = us-west-2\nendpoint_url = http://x\n")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    clients = Clients(REGION, emulator=Emulator("http://127.0.0.1:2"))
    client = clients.functions
    assert client.meta.endpoint_url == "http://127.0.0.1:2"
    assert client.meta.config.proxies == {}
    assert (clients.region, client.meta.region_name) == (REGION, REGION)
    assert clients.session.get_credentials().access_key == "embedded"


def test_an_interruption_ends_what_threads_wait_for() -> None:
    """Ctrl-C while several functions become ready: nobody has to wait until they are."""
    clients = Clients("eu-central-1", sleep=lambda _seconds: time.sleep(0.001))
    runs: list[Any] = []

    def interrupted() -> None:
        with clients.workers(2) as pool:
            runs.extend(pool.submit(lambda: list(clients.polls(2000))) for _ in range(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    waited = [run for run in runs if not run.cancelled()]
    assert waited
    assert all(isinstance(run.exception(), KeyboardInterrupt) for run in waited)


def test_nothing_is_retried_after_an_interruption(aws: StrictAws) -> None:
    """A call that fails fails; one on its way is answered."""
    clients = Clients(REGION)
    with pytest.raises(KeyboardInterrupt), clients.workers(1):
        raise KeyboardInterrupt
    clients.functions.list_functions()
    seen = throttling(clients.functions, 4)
    with pytest.raises(KeyboardInterrupt):
        clients.functions.list_functions()
    assert len(seen) == 1
