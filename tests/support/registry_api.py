"""A registry's HTTP API in memory, written by hand after the OCI distribution specification."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from mldeploy.http.streams import Incoming

Answer = tuple[int, bytes, dict[str, str]]
HOST = "https://registry.test"


@dataclass
class RegistryApi:
    """One repository, "team/iris", for whoever has a login.

    Attributes:
        refers: whether it lists referrers by itself, and says so.
        blobs: by digest.
        manifests: (media type, content) by digest or tag.
        refuses: statuses by method, instead of an answer.
        uploads_to: the host that uploads go to.
        logins: hosts that got the login.
    """

    refers: bool = True
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    uploads_to: str = ""
    logins: set[str] = field(default_factory=set)

    @contextmanager
    def send(
        self,
        method: str,
        url: str,
        body: bytes | IO[bytes],
        headers: Mapping[str, str] | None = None,
        *,
        ca_bundle: str = "",
    ) -> Iterator[Incoming]:
        """Answer a request."""
        del ca_bundle
        whole = body if isinstance(body, bytes) else body.read()
        host = urlsplit(url).netloc
        status, content, told = self._answer(method, url, whole, dict(headers or {}))
        yield Incoming(status, told, _Raw(content), host, len(content))

    def _answer(self, method: str, url: str, body: bytes, sent: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        if "authorization" in sent:
            self.logins.add(parts.netloc)
        elif url.startswith(HOST):
            return 401, b"", {"www-authenticate": 'Basic realm="here"'}
        return self._done(method, parts, body, sent.get("content-type", ""))

    def _done(self, method: str, parts: SplitResult, body: bytes, media_type: str) -> Answer:
        if method in self.refuses:
            return self.refuses[method], b"no", {}
        kind, _, name = parts.path.rpartition("/")
        match method, kind.rpartition("/")[2]:
            case "HEAD", "blobs":
                return (200 if name in self.blobs else 404), b"", {}
            case "GET", "manifests":
                kind, content = self.manifests.get(name, ("", b""))
                return (200 if content else 404), content, {"content-type": kind}
            case "POST", "uploads":
                place = f"{self.uploads_to}{parts.path}7?state=a%2Fb"
                return 202, b"", {"location": place}
            case "PUT", "uploads":
                digest = unquote(parse_qs(parts.query)["digest"][0])
                return self._stored(self.blobs, digest, body)
            case "PUT", "manifests":
                return self._put(name, media_type, body)
        raise AssertionError((method, parts.geturl()))

    def _stored(self, place: dict[str, bytes], digest: str, body: bytes) -> Answer:
        if digest != digest_of(body):
            return 400, b"DIGEST_INVALID", {}
        place[digest] = body
        return 201, b"", {}

    def _put(self, name: str, media_type: str, body: bytes) -> Answer:
        import json

        content = json.loads(body)
        parts = [content["config"], *content["layers"]] if "layers" in content else []
        missing = [one for one in parts if one["digest"] not in self.blobs]
        children = [one["digest"] for one in content.get("manifests", [])]
        if missing or not all(one in self.manifests for one in children):
            return 400, b"MANIFEST_BLOB_UNKNOWN", {}
        if name.startswith("sha256:") and name != digest_of(body):
            return 400, b"DIGEST_INVALID", {}
        self.manifests[name] = self.manifests[digest_of(body)] = (media_type, body)
        refers = self.refers and "subject" in content
        told = {"oci-subject": content["subject"]["digest"]} if refers else {}
        return 201, b"", told


class _Raw(BytesIO):
    """A body, as urllib3 gives it."""

    def stream(self, size: int, *, decode_content: bool) -> Iterator[bytes]:
        del decode_content
        while chunk := self.read(size):
            yield chunk


def digest_of(content: bytes) -> str:
    """Return the digest that a registry names content by."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
