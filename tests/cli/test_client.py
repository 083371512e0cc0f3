"""`mldeploy client`: which document, which generator, which folder.

The generators here are stand-ins; tests/clients/test_generated.py runs the real ones.
"""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from mldeploy.http.call import Answer
from tests.support.commands import Command, Reach
from tests.support.generators import stand_in, write_program
from tests.support.models import IRIS, bundle_of
from tests.support.projects import CONFIG

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "iris", "version": "abc"},
    "servers": [{"url": "https://elsewhere.test"}],
    "paths": {
        "/predict": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/OneRow"},
                            "examples": {"row": {"value": {"features": [1.5, None]}}},
                        }
                    }
                }
            }
        }
    },
    "components": {"schemas": {"OneRow": {"required": ["features"]}}},
}
URL = "https://api.test"
Asked = list[tuple[str, str, dict[str, str]]]
Serve = Callable[..., Asked]


@pytest.fixture(autouse=True)
def _generators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path / "generators", monkeypatch)


@pytest.fixture
def serve(reach: Reach) -> Serve:
    """Let every URL return a document, or another body; returns the requests."""

    def served(body: Any = DOCUMENT, status: int = 200) -> Asked:
        asked: Asked = []

        def call(method: str, url: str, _body: Any, headers: Any = None, **_more: Any) -> Answer:
            asked.append((method, url, dict(headers or {})))
            return Answer(status, json.dumps(body), 1.0)

        reach(call=call)
        return asked

    return served


def test_the_deployed_apis_document_is_read_with_a_signature(
    project: Path, command: Command, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `auth = "iam"`; the client's address is the API's, whatever the document says."""
    monkeypatch.chdir(project)
    (project / "mldeploy.toml").write_text(CONFIG.replace('"none"', '"iam"'))
    assert command("deploy", "--yes")[0] == 0
    base = command("status")[1]["result"]["functions"][0]["url"].removesuffix("/predict")
    asked = serve()
    code, found = command("client", "python")
    assert code == 0, found
    ((method, url, headers),) = asked
    assert (method, url) == ("GET", f"{base}/openapi.json")
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
    read = json.loads((project / "clients/python/iris_client/openapi.json").read_text())
    assert read == DOCUMENT | {"servers": [{"url": base}]}
    body = "body=models.OneRow.from_dict({'features': [1.5, None]})"
    assert found["result"]["lines"] == [
        "from iris_client import Client, models",
        "from iris_client.api.predictions import predict",
        f'print(predict.sync(client=Client(base_url="{base}"), {body}))',
    ]


def test_a_token_is_in_the_lines_of_an_api_with_tokens(
    project: Path, command: Command, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a place to fill in; the command itself sends none to a URL that it is given."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("MLDEPLOY_TOKEN", "secret")
    asked = serve(DOCUMENT | {"security": [{"jwt": []}]})
    code, found = command("client", "typescript", "--url", f"{URL}/openapi.json", "--out", "a/b")
    assert code == 0, found
    assert asked == [("GET", f"{URL}/openapi.json", {})]
    sent = f'baseUrl: "{URL}", auth: "TOKEN", body: {{"features": [1.5, null]}}'
    assert found["result"]["lines"] == [
        'import { predict } from "./a/b/index.js";',
        f"const {{ data, error }} = await predict({{ {sent} }});",
        "console.log(data ?? error);",
    ]
    found = command("client", "python", "--url", URL)[1]
    assert 'AuthenticatedClient(base_url="https://api.test", token="TOKEN")' in str(found["result"])


def test_the_bundles_document_is_used_where_nothing_is_deployed(
    project: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its function answers with the configured auth, also if the file doesn't list the path."""
    (project / "mldeploy.toml").write_text(CONFIG.replace('"none"', '"iam"'))
    rmtree(project / "model")
    copytree(bundle_of(IRIS).path, project / "model")
    (project / "train.py").write_text(IRIS)
    monkeypatch.chdir(project)
    code, found = command("client", "python")
    assert code == 0, found
    assert (found["result"]["document"], found["result"]["auth"]) == ("the local bundle", "iam")
    (written,) = (project / "clients/python").glob("*_client/openapi.json")
    document = json.loads(written.read_text())
    assert set(document["paths"]) >= {"/predict", "/openapi.json"}
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]


def test_only_a_client_is_replaced_and_only_by_a_whole_one(
    project: Path, command: Command, serve: Serve, tmp_path: Path
) -> None:
    """Without --overwrite nothing is; a generator that fails leaves the old client."""
    serve()
    out = tmp_path / "out"
    asked = ("client", "python", "--url", URL, "--out", str(out))
    (out / "notes").mkdir(parents=True)
    for more in ((), ("--overwrite",)):
        code, found = command(*asked, *more)
        assert (code, found["error"]["code"]) == (2, "MLD128")
    assert command(*asked[:-1], str(out / "file"))[0] == 0
    (out / "notes").rmdir()
    client = out / "file"
    before = sorted(client.rglob("*"))
    asked = (*asked[:-1], str(client))
    assert command(*asked)[1]["error"]["code"] == "MLD128"
    serve(DOCUMENT | {"x-broken": True})
    code, found = command(*asked, "--overwrite")
    assert (code, found["error"]["code"]) == (1, "MLD623")
    assert "can't read x-broken" in str(found["error"]["details"])
    assert sorted(client.rglob("*")) == before
    assert [one.name for one in out.iterdir()] == ["file"]
    serve()
    (client / "old.py").touch()
    assert command(*asked, "--overwrite")[0] == 0
    assert sorted(client.rglob("*")) == before
    assert project.is_dir()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((404, {"message": "Not Found"}), "add"),
        ((401, {"message": "Unauthorized"}), "MLDEPLOY_TOKEN"),
        ((200, ["no document"]), "isn't an OpenAPI document"),
    ],
)
def test_an_answer_without_a_document_is_refused(
    answer: tuple[int, Any], says: str, project: Path, command: Command, serve: Serve
) -> None:
    """With what to do about it; nothing is written."""
    serve(answer[1], answer[0])
    code, found = command("client", "python", "--url", URL)
    assert (code, found["error"]["code"]) == (1, "MLD624")
    assert says in found["error"]["message"] + found["error"]["hint"]
    assert not (project / "clients").exists()


def test_what_cant_work_is_said_before_anything_is_read(
    project: Path, command: Command, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options that exclude one another; a Node.js that is missing or too old for the generator."""
    asked = serve()
    assert command("client", "python", "--url", URL, "--bundle")[1]["error"]["code"] == "MLD110"
    program = tmp_path / "generators/node"
    write_program(program, "print('v18.20.4')")
    error = command("client", "typescript", "--url", URL)[1]["error"]
    assert error["code"] == "MLD621"
    assert "Node.js 18.20.4 is too old" in error["message"]
    monkeypatch.setenv("PATH", str(tmp_path))
    error = command("client", "typescript", "--url", URL)[1]["error"]
    assert error["code"] == "MLD621"
    assert "isn't on PATH" in error["message"]
    assert (asked, project.is_dir()) == ([], True)


def test_without_a_network_the_index_is_named(
    project: Path, command: Command, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip's own words are shown; a generator of another minor version isn't used instead."""
    serve()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLDEPLOY_IMAGE__INDEX_URL", "http://127.0.0.1:9/simple")
    program = tmp_path / "generators/openapi-python-client"
    program.write_text(program.read_text().replace("0.29.9", "0.28.0"))
    code, found = command("client", "python", "--url", URL)
    assert (code, found["error"]["code"]) == (1, "MLD622"), found
    assert "127.0.0.1" in str(found["error"]["details"])
    assert not (project / "clients").exists()
