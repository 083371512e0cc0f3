"""`auth`: never guessed; `auth = "iam"`: what is asked of AWS, and how the endpoint is called."""

import hashlib
import hmac
import io
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mldeploy.http.call import Answer
from tests.strict.aws import REGION, StrictAws
from tests.support.commands import Command, Reach, changes, run
from tests.support.projects import CONFIG
from tests.support.runtime import LAYERS, Runtime

UNSAID = CONFIG.replace('auth = "none"\n', "")
LOCKED = CONFIG.replace('"none"', '"iam"')
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=\w+/(\d{8})/([\w-]+)/execute-api/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def is_signed(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> bool:
    """Tell whether the account of the tests signed a request for this region's gateway.

    IAM user guide, "Create a signed AWS API request".
    """
    given = {name.lower(): value for name, value in headers.items()}
    found = _AUTHORIZATION.fullmatch(given.get("authorization", ""))
    if found is None or found[2] != REGION:
        return False
    day, region, names, signature = found.groups()
    parts = urlsplit(url)
    given["host"] = parts.netloc
    canonical = "\n".join([
        method,
        parts.path or "/",
        parts.query,
        *(f"{name}:{given[name].strip()}" for name in names.split(";")),
        "",
        names,
        hashlib.sha256(body or b"").hexdigest(),
    ])  # fmt: skip
    scope = f"{day}/{region}/execute-api/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{given['x-amz-date']}\n{scope}\n{digest}"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest() == signature


@pytest.fixture
def asked(runtime: Runtime, reach: Reach) -> list[bool]:
    """Whether each request was signed; the gateway refuses those that aren't (403)."""
    seen: list[bool] = []

    def call(
        method: str, url: str, body: bytes | None, headers: dict[str, str] | None = None, **_: str
    ) -> Answer:
        if url.startswith(LAYERS):
            return runtime.call(method, url, body)
        seen.append(is_signed(method, url, body, headers or {}))
        if not seen[-1]:
            return Answer(403, '{"message":"Forbidden"}', 1.0)
        return runtime.call(method, url, body, headers)

    reach(call=call)
    return seen


def the_route(aws: StrictAws) -> tuple[Any, dict[str, Any]]:
    client = aws.client("apigatewayv2")
    api = client.get_apis()["Items"][0]["ApiId"]
    (route,) = client.get_routes(ApiId=api)["Items"]
    return client, {"ApiId": api, **route}


@pytest.mark.parametrize(
    "arguments",
    [("deploy",), ("deploy", "--yes"), ("plan",), ("push",), ("destroy", "--confirm", "iris")],
    ids=" ".join,
)
def test_nobody_guesses_who_may_call(
    arguments: tuple[str, ...], command: Command, project: Path, aws: StrictAws
) -> None:
    """Without `auth` every command ends with what can be written, and AWS isn't asked."""
    (project / "mldeploy.toml").write_text(UNSAID)
    code, envelope = command(*arguments)
    assert (code, envelope["error"]["code"]) == (2, "MLD105")
    assert 'auth = "none" (public: anyone may call)' in envelope["error"]["message"]
    assert aws.calls == []


@pytest.mark.parametrize("answer", ["y\n", ""])
def test_nobody_guesses_on_a_terminal_either(
    answer: str,
    project: Path,
    aws: StrictAws,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It isn't asked for at each deploy: `init` asks once, and the file says it from then on."""
    (project / "mldeploy.toml").write_text(UNSAID)
    stdin = io.StringIO(answer)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["deploy"]) == 2
    assert "error[MLD105]" in capsys.readouterr().err
    assert stdin.read() == answer
    assert aws.calls == []


def test_a_locked_route_was_never_open(
    command: Command, project: Path, aws: StrictAws, asked: list[bool]
) -> None:
    """It is created with AWS_IAM; what confirms the deploy is signed; a second one is empty."""
    (project / "mldeploy.toml").write_text(LOCKED)
    code, envelope = command("deploy")
    assert code == 0, envelope
    made = [call.params for call in aws.calls if call.operation in {"CreateRoute", "UpdateRoute"}]
    assert [one["AuthorizationType"] for one in made] == ["AWS_IAM"]
    assert asked == [True]
    aws.reset_calls()
    assert changes(command("deploy")[1]) == []
    assert aws.mutating_calls() == []


def test_a_route_that_was_opened_by_hand_is_locked_again(
    command: Command, project: Path, aws: StrictAws, asked: list[bool]
) -> None:
    """The plan shows it, and one call mends it."""
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    client, route = the_route(aws)
    which = {"ApiId": route["ApiId"], "RouteId": route["RouteId"]}
    client.update_route(**which, AuthorizationType="NONE")
    assert changes(command("plan")[1]) == ["update http api"]
    aws.reset_calls()
    assert command("deploy")[0] == 0
    assert aws.mutating_calls() == ["apigatewayv2:UpdateRoute"]
    assert the_route(aws)[1]["AuthorizationType"] == "AWS_IAM"
    assert asked[-1]


def test_invoke_signs_what_it_sends(
    command: Command, project: Path, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a session token too; the answer comes, and no key is in any output."""
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    for token in ("", "a-session-token"):
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
        code, envelope = command("invoke", "--data", '{"instances": [[1.0]]}')
        assert code == 0, envelope
        assert "AWS4-HMAC" not in str(envelope)
        assert "a-session-token" not in str(envelope)
    assert asked == [True, True, True]


def test_what_the_defaults_allow(command: Command, aws: StrictAws) -> None:
    """50 requests a second and 100 at once for the whole stage; no other origin; no reservation."""
    assert command("deploy")[0] == 0
    by_name = {call.operation: call.params for call in aws.calls}
    assert by_name["CreateStage"]["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": 50.0,
        "ThrottlingBurstLimit": 100,
    }
    assert "CorsConfiguration" not in by_name["CreateApi"]
    assert "PutFunctionConcurrency" not in by_name
    assert "PutProvisionedConcurrencyConfig" not in by_name
    text = (Path(__file__).parents[2] / "docs/configuration.md").read_text()
    assert "| `rate` | `50.0` |" in text
    assert "| `burst` | `100` |" in text
    assert "| `reserved_concurrency` | none |" in text
