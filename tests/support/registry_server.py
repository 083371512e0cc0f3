"""A registry on loopback that fails in chosen ways, written by hand after the specification.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Response = tuple[int, bytes, dict[str, str]]
_PATH = re.compile(r"/v2/(?P<name>.+)/(?P<kind>blobs|manifests)/(?P<rest>.*)")


@dataclass
class Trouble:
    """What one request is answered with: a status, headers, or a connection that breaks.

    It breaks after `reads` bytes of the request's body; None for all of it.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    body: bytes | None = None
    reads: int | None = None


@dataclass
class Registry:
    """A registry.

    Attributes:
        blobs: by repository and digest.
        manifests: (media type, content) by repository and tag or digest.
        troubles: by method and a part of the path: what comes instead, each once.
        bearer: whether it wants a token, which its own `/token` gives to the login `AWS:pw`.
        tokens: that are good; the next one is made of their number.
        log: method, path and status of each request.
        sent: bytes of blobs that clients sent.
    """

    blobs: dict[str, dict[str, bytes]] = field(default_factory=dict)
    manifests: dict[str, dict[str, tuple[str, bytes]]] = field(default_factory=dict)
    troubles: list[tuple[str, str, Trouble]] = field(default_factory=list)
    bearer: bool = False
    tokens: set[str] = field(default_factory=set)
    log: list[tuple[str, str, int]] = field(default_factory=list)
    sent: int = 0
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def trouble(self, method: str, part: str, what: Trouble) -> None:
        """Let the next request of a method whose path contains a part go wrong."""
        self.troubles.append((method, part, what))

    def take(self, method: str, path: str) -> Trouble | None:
        with self._lock:
            for one in self.troubles:
                if one[0] == method and one[1] in path:
                    self.troubles.remove(one)
                    return one[2]
        return None

    def put_image(self, name: str, tag: str, files: list[bytes], media_type: str) -> bytes:
        """Store an image whose layers are these bytes; return its manifest."""
        oci = "oci" in media_type
        kind = (
            "application/vnd.oci.image.layer.v1.tar+gzip"
            if oci
            else "application/vnd.docker.image.rootfs.diff.tar.gzip"
        )
        settings = {"Env": ["PATH=/bin"], "Entrypoint": ["/entry"]}
        configuration = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": settings,
                "rootfs": {"type": "layers", "diff_ids": [digest(b"tar " + one) for one in files]},
                "history": [{"created_by": "base"} for _ in files],
            }
        ).encode()
        parts = self.blobs.setdefault(name, {})
        parts.update({digest(one): one for one in [*files, configuration]})
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": media_type,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json"
                    if oci
                    else "application/vnd.docker.container.image.v1+json",
                    "size": len(configuration),
                    "digest": digest(configuration),
                },
                "layers": [
                    {"mediaType": kind, "size": len(one), "digest": digest(one)} for one in files
                ],
            }
        ).encode()
        known = self.manifests.setdefault(name, {})
        known[tag] = known[digest(manifest)] = (media_type, manifest)
        return manifest


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: Registry

    def log_message(self, *_: Any) -> None:
        pass

    def _do(self) -> None:
        trouble = self.registry.take(self.command, self.path)
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(trouble.reads if trouble and trouble.reads is not None else length)
        if trouble and trouble.breaks:
            self.registry.log.append((self.command, self.path, 0))
            self.close_connection = True
            self.connection.close()
            return
        if trouble:
            self._answer(trouble.status, trouble.body or b"no", trouble.headers)
            return
        self._answer(*self._answered(urlsplit(self.path), body))

    do_GET = do_HEAD = do_POST = do_PUT = _do  # noqa: N815 - names of http.server

    def _answered(self, url: Any, body: bytes) -> Response:
        registry = self.registry
        if url.path == "/token":
            return self._token()
        if registry.bearer and not self._is_known():
            realm = f'Bearer realm="{registry.url}/token",service="test",scope="repository:x:pull"'
            return 401, b"", {"www-authenticate": realm}
        found = _PATH.fullmatch(url.path)
        assert found, self.path
        name, rest = found["name"], found["rest"]
        if found["kind"] == "manifests":
            return self._manifest(name, rest, body)
        return self._blob(name, rest, parse_qs(url.query), body)

    def _token(self) -> Response:
        if self.headers.get("authorization") != "Basic QVdTOnB3":
            return 401, b"", {}
        token = f"token-{len(self.registry.tokens)}"
        self.registry.tokens.add(token)
        return 200, json.dumps({"token": token}).encode(), {}

    def _blob(self, name: str, rest: str, query: dict[str, list[str]], body: bytes) -> Response:
        registry, blobs = self.registry, self.registry.blobs.setdefault(name, {})
        match self.command:
            case "POST":
                other = registry.blobs.get(query.get("from", [""])[0], {})
                mounted = query.get("mount", [""])[0]
                if mounted not in other:
                    return 202, b"", {"location": f"/v2/{name}/blobs/uploads/7?state=a%2Fb"}
                blobs[mounted] = other[mounted]
                return 201, b"", {}
            case "PUT":
                assert query["state"] == ["a/b"]
                if digest(body) != query["digest"][0]:
                    return 400, b'{"errors": [{"code": "DIGEST_INVALID"}]}', {}
                registry.sent += len(body)
                blobs[digest(body)] = body
                return 201, b"", {}
        return (200, blobs[rest], {}) if rest in blobs else (404, b"", {})

    def _manifest(self, name: str, rest: str, body: bytes) -> Response:
        manifests = self.registry.manifests.setdefault(name, {})
        if self.command == "PUT":
            content, blobs = json.loads(body), self.registry.blobs.get(name, {})
            if any(one["digest"] not in blobs for one in [content["config"], *content["layers"]]):
                return 400, b'{"errors": [{"code": "MANIFEST_BLOB_UNKNOWN"}]}', {}
            manifests[rest] = manifests[digest(body)] = (self.headers["content-type"], body)
            return 201, b"", {}
        media_type, content = manifests.get(rest, ("", b""))
        return (200 if content else 404), content, {"content-type": media_type}

    def _is_known(self) -> bool:
        return self.headers.get("authorization", "").removeprefix("Bearer ") in self.registry.tokens

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.registry.log.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def registry_server() -> Iterator[Registry]:
    """Serve an empty registry."""
    registry = Registry()
    handler = type("Handler", (_Handler,), {"registry": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        registry.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
