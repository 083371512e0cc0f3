"""Secrets by reference: read once, before any code of the user's."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

ROOT = Path(__file__).parents[2]
CANARY = "canary-hunter2"
Resolve = Callable[[], None]


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out as /var/task, from which `endpoint` is imported anew."""
    shutil.copytree(ROOT / "image_template/endpoint", tmp_path / "endpoint")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
    for known in list(sys.modules):
        if known.partition(".")[0] in {"endpoint", "mine_of_secrets"}:
            monkeypatch.delitem(sys.modules, known)
    return tmp_path


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """An emulated AWS; yields the clients that fill it, by service."""
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "eu-central-1")
    with mock_aws():
        yield {name: boto3.client(name) for name in ("ssm", "secretsmanager")}


@pytest.fixture
def resolve(
    task: Path, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, str]]:
    """Give a function that resolves references as a start does, and returns the variables."""
    del task, store

    def resolved(connect: Any = None, **places: dict[str, str]) -> dict[str, str]:
        monkeypatch.setenv("MLDEPLOY_SECRETS", json.dumps(places))
        variables: dict[str, str] = dict(os.environ)
        module = importlib.import_module("endpoint.references")
        monkeypatch.setattr(module.os, "environ", variables)
        module.resolve(connect)
        return variables

    return resolved


def parameter(store: dict[str, Any], name: str, value: str = CANARY) -> str:
    store["ssm"].put_parameter(Name=name, Value=value, Type="SecureString")
    return str(store["ssm"].get_parameter(Name=name)["Parameter"]["ARN"])


def secret(store: dict[str, Any], name: str, value: str) -> str:
    return str(store["secretsmanager"].create_secret(Name=name, SecretString=value)["ARN"])


def test_values_come_out_of_both_stores(
    store: dict[str, Any], resolve: Callable[..., dict[str, str]]
) -> None:
    """By name and by ARN, decrypted; a secret whole or by one key of its object."""
    arn = parameter(store, "/iris/password")
    db = secret(store, "iris/db", json.dumps({"user": "reader", "port": 5432}))
    found = resolve(
        BY_NAME={"ssm": "/iris/password"},
        BY_ARN={"ssm": arn},
        WHOLE={"secretsmanager": "iris/db"},
        USER={"secretsmanager": db, "json_key": "user"},
        PORT={"secretsmanager": db, "json_key": "port"},
    )
    assert (found["BY_NAME"], found["BY_ARN"]) == (CANARY, CANARY)
    assert json.loads(found["WHOLE"])["user"] == "reader"
    assert (found["USER"], found["PORT"]) == ("reader", "5432")


class Counting:
    """A client that answers everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def get_parameters(self, Names: list[str], WithDecryption: bool) -> Any:  # noqa: FBT001, N803 - botocore's
        assert WithDecryption
        self.asked.append(Names)
        return {"Parameters": [{"Name": name, "ARN": "", "Value": "v"} for name in Names]}

    def get_secret_value(self, SecretId: str) -> Any:  # noqa: N803 - botocore's
        self.asked.append(SecretId)
        return {"SecretString": '{"a": "1", "b": "2"}'}


def test_there_are_no_more_calls_than_it_takes(resolve: Callable[..., dict[str, str]]) -> None:
    """GetParameters takes ten at once; a secret with several keys is asked for once."""
    client = Counting()
    places = {f"P{n}": {"ssm": f"/p/{n % 12}"} for n in range(15)}
    keys = {name: {"secretsmanager": "s", "json_key": name.lower()} for name in ("A", "B")}
    found = resolve(lambda _service: client, **places, **keys)
    assert [len(names) for names in client.asked[:2]] == [10, 2]
    assert client.asked[2:] == ["s"]
    assert (found["P14"], found["A"], found["B"]) == ("v", "1", "2")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"ssm": "/none"}, "(ssm /none) can't be read: the parameter doesn't exist"),
        ({"secretsmanager": "none"}, "(secretsmanager none) can't be read: ResourceNotFound"),
        (
            {"secretsmanager": "object", "json_key": "none"},
            "(secretsmanager object, json_key none) can't be read: the secret has no such key",
        ),
        (
            {"secretsmanager": "text", "json_key": "a"},
            "can't be read: the secret isn't a JSON object",
        ),
        (
            {"secretsmanager": "list", "json_key": "a"},
            "can't be read: the secret isn't a JSON object",
        ),
        ({"secretsmanager": "bytes"}, "can't be read: the secret is binary, not text"),
    ],
)
def test_what_can_t_be_read_fails_the_start(
    store: dict[str, Any],
    resolve: Callable[..., dict[str, str]],
    place: dict[str, str],
    said: str,
) -> None:
    """The error names the variable and the reference; no value is in it or in what caused it."""
    secret(store, "object", json.dumps({"a": CANARY}))
    secret(store, "text", CANARY)
    secret(store, "list", json.dumps([CANARY]))
    store["secretsmanager"].create_secret(Name="bytes", SecretBinary=CANARY.encode())
    with pytest.raises(RuntimeError) as raised:
        resolve(TOKEN=place)
    assert str(raised.value).startswith("TOKEN (")
    assert said in str(raised.value)
    error: BaseException | None = raised.value
    while error is not None:
        assert CANARY not in repr(vars(error)) + str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_an_access_that_is_denied_names_who_and_what(
    resolve: Callable[..., dict[str, str]],
) -> None:
    """AWS's own words follow the variable and the reference."""
    from botocore.exceptions import ClientError

    class Denied:
        def get_parameters(self, **_: Any) -> Any:
            told = {"Code": "AccessDeniedException", "Message": "User: me is not authorized"}
            raise ClientError({"Error": told}, "GetParameters")

    with pytest.raises(RuntimeError, match=r"AB \(ssm /a\).*AccessDeniedException: User: me"):
        resolve(lambda _service: Denied(), AB={"ssm": "/a"})


def test_an_image_without_botocore_says_what_to_add(
    resolve: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's base images bring it; another base may not."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(RuntimeError, match=r"AB \(ssm /a\) can't be read.*add boto3 to \[image\]"):
        resolve(AB={"ssm": "/a"})


def test_a_custom_handler_finds_its_secrets_when_it_is_imported(
    task: Path, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables are there before the module's first line runs."""
    parameter(store, "/iris/password")
    (task / "mine_of_secrets.py").write_text(
        "import os\nFOUND = os.environ['PASSWORD']\ndef handle(event, context):\n    return FOUND\n"
    )
    monkeypatch.setenv("MLDEPLOY_HANDLER", "mine_of_secrets:handle")
    monkeypatch.setenv("MLDEPLOY_SECRETS", json.dumps({"PASSWORD": {"ssm": "/iris/password"}}))
    monkeypatch.setenv("PASSWORD", "before")
    assert importlib.import_module("endpoint.custom").handle({}, None) == CANARY


def test_a_custom_handler_without_its_secret_isn_t_imported(
    task: Path, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start fails before their code runs, so a verification can't succeed."""
    del store
    (task / "mine_of_secrets.py").write_text("raise AssertionError('it ran')\n")
    monkeypatch.setenv("MLDEPLOY_HANDLER", "mine_of_secrets:handle")
    monkeypatch.setenv("MLDEPLOY_SECRETS", json.dumps({"PASSWORD": {"ssm": "/iris/password"}}))
    with pytest.raises(RuntimeError, match="PASSWORD"):
        importlib.import_module("endpoint.custom")


def test_without_references_no_client_is_imported(task: Path) -> None:
    """A start that needs no secret pays nothing for them."""
    (task / "mine_of_secrets.py").write_text("def handle(event, context):\n    return 1\n")
    asked = (
        "import sys, endpoint.custom\n"
        "print(sorted({'botocore', 'boto3', 'endpoint.references'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=task,
        env={"MLDEPLOY_HANDLER": "mine_of_secrets:handle", "PYTHONPATH": str(task)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_model_s_handler_reads_its_secrets_before_the_model(
    task: Path, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks are imported with the model, of which there is none here: values are there first."""
    monkeypatch.setenv("MLDEPLOY_SECRETS", json.dumps({"PASSWORD": {"ssm": "/iris/password"}}))
    monkeypatch.setenv("PASSWORD", "before")
    with pytest.raises(RuntimeError, match="PASSWORD"):
        importlib.import_module("endpoint.handler")
    parameter(store, "/iris/password")
    with pytest.raises(FileNotFoundError, match=r"model\.json"):
        importlib.import_module("endpoint.handler")
    assert os.environ["PASSWORD"] == CANARY
    assert not (task / "model").exists()
