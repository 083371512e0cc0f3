"""The base image's digest: a registry's, asked without a login; builds use what is recorded."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.events import Event, Note
from mldeploy.images.spec import image_spec
from mldeploy.model.base_image import pinned, record_base, refreshed
from mldeploy.model.bundle import load_bundle
from tests.support.projects import write_project

OLD = b'{"schemaVersion": 2, "manifests": ["old"]}'
NEW = b'{"schemaVersion": 2, "manifests": ["new"]}'
MANIFEST = "/v2/lambda/python/manifests/3.12"


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry with one tag, which wants a token that it gives to everybody."""

    manifest = OLD
    named = ""
    challenge = 'Bearer realm="{here}/token",service="here",scope="repository:lambda/python:pull"'
    token = '{"token": "nobody"}'

    def do_GET(self) -> None:
        """Answer as the distribution specification says."""
        if self.path == "/token?service=here&scope=repository%3Alambda%2Fpython%3Apull":
            self._send(200, self.token.encode())
        elif self.path != MANIFEST:
            self._send(404, b"{}")
        elif self.headers["authorization"] != "Bearer nobody":
            here = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
            self._send(401, b"{}", ("WWW-Authenticate", self.challenge.format(here=here)))
        else:
            name = self.named or digest(self.manifest)
            self._send(200, self.manifest, ("Docker-Content-Digest", name))

    def _send(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@contextmanager
def registry(**differing: object) -> Iterator[str]:
    """Serve a registry, and yield the reference of its only tag."""
    handler = type("Registry", (Registry,), differing)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/lambda/python:3.12"
        server.shutdown()


def test_the_digest_is_that_of_the_manifest() -> None:
    """The registry wants a token first, as Amazon ECR Public does."""
    events = list[Event]()
    with registry() as reference:
        found = record_base(reference, events.append)
    assert found == {"image": reference, "digest": digest(OLD)}
    assert not events


NOTHING: dict[str, dict[str, object]] = {
    "names another digest": {"named": digest(NEW)},
    "sends no JSON": {"manifest": b"<html>"},
    "sends no manifest": {"manifest": b'{"errors": []}'},
    "wants a login": {"challenge": 'Basic realm="x"'},
    "sends tokens over http": {"challenge": 'Bearer realm="http://192.0.2.1/token"'},
    "reads a file for a token": {"challenge": 'Bearer realm="file:///etc/passwd"'},
    "gives no token": {"token": "[]"},
    "gives a token of two lines": {"token": json.dumps({"token": "nobody\r\nHost: evil"})},
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_registry_that_gives_no_digest_is_a_warning(what: str) -> None:
    """Nothing is recorded, and the warning says how to pin the base image otherwise."""
    events = list[Event]()
    with registry(**NOTHING[what]) as reference:
        assert record_base(reference, events.append) == {}
    (note,) = events
    assert isinstance(note, Note)
    assert note.level == "warning"
    assert "isn't pinned" in note.text


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("public.ecr.aws/lambda/python:3.12", "public.ecr.aws/lambda/python@sha256:1"),
        ("127.0.0.1:5000/base", "127.0.0.1:5000/base@sha256:1"),
        ("python:3.12-slim", "python@sha256:1"),
        ("a/b@sha256:2", "a/b@sha256:2"),
    ],
)
def test_a_pinned_reference_has_no_tag(reference: str, expected: str) -> None:
    """Docker would take both; Podman refuses them."""
    assert pinned(reference, "sha256:1") == expected


@pytest.fixture
def project(tmp_path: Path) -> Config:
    return load_config(write_project(tmp_path), environ={})


def test_a_build_stands_on_what_was_recorded(project: Config) -> None:
    """A tag that moves changes nothing until somebody asks for it; another base isn't that one."""
    with registry() as reference:
        config = replace(project, image=replace(project.image, base=reference))
        first = image_spec(config, load_bundle(config.bundle))
        pulled = image_spec(config, refreshed(config, lambda _event: None))
    again = image_spec(config, load_bundle(config.bundle))
    assert first.base == reference
    assert pulled.base == again.base == f"{reference.removesuffix(':3.12')}@{digest(OLD)}"
    assert pulled.fingerprint == again.fingerprint != first.fingerprint
    other = replace(config, image=replace(config.image, base=f"{reference}-slim"))
    assert image_spec(other, load_bundle(other.bundle)).base == f"{reference}-slim"


def test_pulling_again_takes_the_newer_digest(
    project: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And gives another image of the same model."""
    with registry() as reference:
        config = replace(project, image=replace(project.image, base=reference))
        before = refreshed(config, lambda _event: None)
        monkeypatch.setattr(Registry, "manifest", NEW)
        after = refreshed(config, lambda _event: None)
    assert image_spec(config, after).base.endswith(digest(NEW))
    assert image_spec(config, before).fingerprint != image_spec(config, after).fingerprint
    assert before.digest == after.digest
