"""Ways through a company's network: a proxy and a CA of its own, both real, on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.aws.clients import Clients
from mldeploy.aws.credentials import ca_bundle
from mldeploy.aws.errors import translate
from mldeploy.config import ApiConfig
from mldeploy.config.api import Auth
from mldeploy.errors import MldeployError
from mldeploy.http.call import Answer, NoAnswerError, call
from mldeploy.invoke.endpoint import call_route
from mldeploy.invoke.requests import request_of_payload
from mldeploy.resources.http_api.api import HttpApi
from tests.support.account import credentials, isolated
from tests.support.stacks import config, context
from tests.support.wire import HOST, Authority, Proxy, authority, proxy, tls_server

URL = f"https://{HOST}/predict"
AWS = "https://sts.amazonaws.test"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def outside(company: Authority) -> Iterator[int]:
    """A server with a certificate of the company's CA."""
    with tls_server(company) as port:
        yield port


@pytest.fixture
def way(outside: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Proxy]:
    """The proxy that leads to it, and an environment that names nothing yet."""
    isolated(monkeypatch, tmp_path)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with proxy(outside) as found:
        yield found


def post() -> Answer:
    return call("POST", URL, b"{}")


def refused() -> MldeployError:
    with pytest.raises(NoAnswerError) as raised:
        post()
    assert raised.value.exit_code == 6
    return raised.value


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("bundle", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_call_takes_the_proxy_and_believes_the_ca(
    variable: str, bundle: str, way: Proxy, company: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name exists behind the proxy alone, so nothing else can have led there."""
    monkeypatch.setenv(variable, way.url)
    monkeypatch.setenv(bundle, str(company.certificate))
    answer = post()
    assert (answer.status, answer.content) == (200, {"path": "/predict", "host": HOST})
    assert way.asked == [HOST]


def test_boto3_and_a_call_believe_the_same(
    way: Proxy, company: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """AWS_CA_BUNDLE goes before REQUESTS_CA_BUNDLE, and a profile may name the file."""
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    assert refused().code == "MLD509"
    monkeypatch.setenv("AWS_CA_BUNDLE", str(company.certificate))
    assert post().status == 200
    monkeypatch.delenv("AWS_CA_BUNDLE")
    file = tmp_path / "config"
    file.write_text(f"[profile office]\nca_bundle = {company.certificate}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    trusted = ca_bundle(Clients("eu-central-1", profile="office").session)
    assert call("POST", URL, b"{}", ca_bundle=trusted).status == 200


@pytest.mark.parametrize("auth", ["none", "iam"])
def test_a_route_is_called_on_the_ways_of_the_profile(
    auth: Auth, way: Proxy, company: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What `invoke` and the look after a deploy do: proxy, and the profile's own CA."""
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    file = tmp_path / "config"
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    file.write_text(f"[profile office]\nca_bundle = {company.certificate}\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    where = replace(context(lambda *_: ""), clients=Clients("eu-central-1", profile="office"))
    api = HttpApi("iris", url=f"https://{HOST}")
    settings = config(api=ApiConfig(auth=auth))
    answer = call_route(settings, api, "POST /predict", request_of_payload({}), where)
    assert (answer.status, way.asked) == (200, [HOST])


def test_an_unknown_ca_has_a_code_of_its_own(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its certificate the hint names the variable to set."""
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    error = refused()
    assert error.code == "MLD509"
    assert HOST in error.message
    assert "AWS_CA_BUNDLE" in error.hint


def test_no_proxy_leaves_the_proxy_out(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name then can't be resolved, which has a code of its own, too."""
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    monkeypatch.setenv("NO_PROXY", ".test")
    error = refused()
    assert (error.code, way.asked) == ("MLD510", [])
    assert f"the name {HOST} can't be resolved" in error.message


def test_this_machine_needs_no_proxy(
    outside: int, company: Authority, way: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An emulator on loopback is reached directly, whatever the environment says."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(company.certificate))
    assert call("GET", f"https://127.0.0.1:{outside}/", None).status == 200
    assert way.asked == []


@pytest.mark.parametrize("status", [403, 407])
def test_a_proxy_that_refuses_is_named(
    status: int, way: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its status and without its password."""
    way.refusal = status
    login = way.url.replace("//", "//alice:secret-word@")
    monkeypatch.setenv("HTTPS_PROXY", login)
    error = refused()
    assert error.code == "MLD508"
    assert str(status) in error.message
    assert "HTTPS_PROXY" in error.hint
    assert "secret-word" not in error.message + error.hint


@pytest.mark.parametrize("url", [NOWHERE, "socks9://127.0.0.1:1"])
def test_a_proxy_that_isnt_there_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens, or nobody knows such a kind of proxy."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    assert refused().code == "MLD508"


def asked_aws(monkeypatch: pytest.MonkeyPatch) -> MldeployError:
    """Ask AWS who we are; return the error."""
    credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", AWS)
    with pytest.raises(MldeployError) as raised:
        Clients("eu-central-1").account()
    return raised.value


def test_aws_behind_an_unknown_ca(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's calls have the same messages; no second attempt is made, for none can succeed."""
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    error = asked_aws(monkeypatch)
    assert (error.code, error.exit_code) == ("MLD432", 1)
    assert "AWS_CA_BUNDLE" in error.hint
    assert way.asked == ["sts.amazonaws.test"]


def test_aws_behind_a_proxy_that_refuses(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once, and named."""
    way.refusal = 407
    monkeypatch.setenv("HTTPS_PROXY", way.url)
    error = asked_aws(monkeypatch)
    assert error.code == "MLD431"
    assert "407" in error.message
    assert "HTTPS_PROXY" in error.hint
    assert way.asked == ["sts.amazonaws.test"]


def test_aws_without_its_name(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that is misspelt shows as a name that doesn't exist."""
    del way
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    error = asked_aws(monkeypatch)
    assert error.code == "MLD433"
    assert "region" in error.hint


def test_what_is_translated_twice_stays() -> None:
    """An error of a call is ours already."""
    error = NoAnswerError("MLD508", "x")
    assert translate(error) is error
