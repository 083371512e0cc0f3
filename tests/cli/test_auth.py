"""`auth = "jwt"`: an authorizer in front of the routes."""

import json
from pathlib import Path
from typing import Any

import pytest

from mldeploy.http.call import Answer
from tests.strict.aws import StrictAws
from tests.support.commands import Command, Reach, changes
from tests.support.projects import CONFIG
from tests.support.runtime import LAYERS, Runtime

ISSUER = "https://login.example.com/"
JWT = f'[api.jwt]\nissuer = "{ISSUER}"\naudience = ["flowers"]\n'
LOCKED = CONFIG.replace('auth = "none"', 'auth = "jwt"') + "\n" + JWT


@pytest.fixture
def sent(runtime: Runtime, reach: Reach) -> list[dict[str, str]]:
    """The headers of each request; the gateway refuses those without a token."""
    seen: list[dict[str, str]] = []

    def call(
        method: str, url: str, body: bytes | None, headers: dict[str, str] | None = None, **_: str
    ) -> Answer:
        if url.startswith(LAYERS):
            return runtime.call(method, url, body)
        seen.append(dict(headers or {}))
        if not (headers or {}).get("authorization", "").startswith("Bearer good"):
            return Answer(401, '{"message":"Unauthorized"}', 1.0)
        return runtime.call(method, url, body, headers)

    reach(call=call)
    return seen


def gateway(aws: StrictAws) -> tuple[Any, str]:
    client = aws.client("apigatewayv2")
    return client, client.get_apis()["Items"][0]["ApiId"]


def test_an_authorizer_guards_the_routes(
    command: Command, project: Path, aws: StrictAws, sent: list[dict[str, str]]
) -> None:
    """Made once; the gateway's 401 without a token is what confirms the deploy."""
    (project / "mldeploy.toml").write_text(LOCKED)
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert envelope["result"]["public"] is False
    client, api = gateway(aws)
    (authorizer,) = client.get_authorizers(ApiId=api)["Items"]
    assert authorizer["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["flowers"]}
    (route,) = client.get_routes(ApiId=api)["Items"]
    assert route["AuthorizationType"] == "JWT"
    assert route["AuthorizerId"] == authorizer["AuthorizerId"]
    assert sent == [{"content-type": "application/json"}]
    aws.reset_calls()
    assert changes(command("deploy")[1]) == []
    assert aws.mutating_calls() == []


def test_a_route_that_is_open_isnt_confirmed(
    command: Command, project: Path, runtime: Runtime
) -> None:
    """Where the gateway lets a request without a token in, the deploy fails."""
    (project / "mldeploy.toml").write_text(LOCKED)
    del runtime
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD505")


@pytest.mark.parametrize(
    "drift",
    [
        lambda client, api, one: client.update_authorizer(
            ApiId=api,
            AuthorizerId=one["AuthorizerId"],
            JwtConfiguration={"Issuer": "https://evil.example.com/", "Audience": ["flowers"]},
        ),
        lambda client, api, _one: client.update_route(
            ApiId=api,
            RouteId=client.get_routes(ApiId=api)["Items"][0]["RouteId"],
            AuthorizationType="NONE",
        ),
        lambda client, api, _one: client.create_authorizer(
            ApiId=api,
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            Name="stray",
            JwtConfiguration={"Issuer": ISSUER, "Audience": ["others"]},
        ),
    ],
    ids=["another issuer", "an open route", "a stray authorizer"],
)
@pytest.mark.usefixtures("sent")
def test_what_was_changed_by_hand_is_mended(
    drift: Any, command: Command, project: Path, aws: StrictAws
) -> None:
    """Each is seen in the plan as one change of the API, and one authorizer is left."""
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    client, api = gateway(aws)
    drift(client, api, client.get_authorizers(ApiId=api)["Items"][0])
    assert changes(command("plan")[1]) == ["update http api"]
    assert command("deploy")[0] == 0
    assert command("plan", "--exit-code")[0] == 0
    (authorizer,) = client.get_authorizers(ApiId=api)["Items"]
    assert authorizer["JwtConfiguration"]["Issuer"] == ISSUER


@pytest.mark.usefixtures("sent")
def test_going_public_takes_the_authorizer_away(
    command: Command,
    project: Path,
    aws: StrictAws,
    runtime: Runtime,
    reach: Reach,
) -> None:
    """The route is opened first, then the authorizer goes; the plan says PUBLIC."""
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    (project / "mldeploy.toml").write_text(CONFIG)
    planned = command("plan")[1]["result"]
    assert planned["opened"] == ["becomes PUBLIC: POST /predict"]
    assert planned["cost_ceiling_usd_per_hour"] is None  # it was as high before
    reach(call=runtime.call)
    assert command("deploy")[0] == 0
    client, api = gateway(aws)
    assert client.get_authorizers(ApiId=api)["Items"] == []


def test_invoke_sends_the_token_of_the_environment(
    command: Command, project: Path, sent: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one the message names the variable; the token is in no output."""
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    code, envelope = command("invoke", "--data", '{"instances": [[1.0]]}')
    assert (code, envelope["error"]["code"]) == (6, "MLD507")
    assert "MLDEPLOY_TOKEN" in envelope["error"]["hint"]
    monkeypatch.setenv("MLDEPLOY_TOKEN", "good-and-secret")
    code, envelope = command("invoke", "--data", '{"instances": [[1.0]]}')
    assert code == 0
    assert sent[-1]["authorization"] == "Bearer good-and-secret"
    assert "good-and-secret" not in str(envelope)


def test_an_event_is_sent_as_what_it_says_it_is(
    command: Command, project: Path, sent: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CSV goes as one, and what must be refused for its type doesn't go as JSON."""
    monkeypatch.setenv("MLDEPLOY_TOKEN", "good")
    (project / "mldeploy.toml").write_text(LOCKED)
    command("deploy")
    event = {"body": '{"instances": [[1.0]]}', "headers": {"Content-Type": "text/plain"}}
    (project / "event.json").write_text(json.dumps(event))
    assert command("invoke", "-e", "event.json")[0] == 0
    assert sent[-1] == {"content-type": "text/plain", "authorization": "Bearer good"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIG.replace('"none"', '"jwt"'), "requires `issuer` and `audience`"),
        (CONFIG + JWT, "[api.jwt] requires auth"),
        (LOCKED.replace("https:", "http:"), "must be an https URL"),
    ],
)
def test_half_a_setting_is_refused(
    text: str, said: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """Exit 2 with what is missing or too much, before AWS is called."""
    (project / "mldeploy.toml").write_text(text)
    code, envelope = command("plan")
    assert code == 2
    assert said in envelope["error"]["message"]
    assert aws.calls == []


@pytest.mark.usefixtures("sent")
def test_an_issuer_that_doesnt_answer_is_named(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """API Gateway reads its keys at once; the message says which address has to answer."""
    (project / "mldeploy.toml").write_text(LOCKED)
    aws.state.silent_issuers.add(ISSUER)
    error = command("deploy")[1]["error"]
    assert (error["code"], error["exit_code"]) == ("MLD434", 1)
    assert ISSUER in error["message"]
    assert f"{ISSUER}.well-known/openid-configuration" in error["hint"]
    aws.state.silent_issuers.clear()
    assert command("deploy")[0] == 0
