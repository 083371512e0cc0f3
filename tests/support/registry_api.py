"""A registry's HTTP API in memory, written by hand after the OCI distribution specification."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from mldeploy.http.call import Answer

HOST = "https://registry.test"


@dataclass
class RegistryApi:
    """One repository, "team/iris".

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

    def call(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = 0,
        ca_bundle: str = "",
    ) -> Answer:
        """Answer a request."""
        del timeout, ca_bundle
        parts, sent = urlsplit(url), dict(headers or {})
        if "authorization" in sent:
            self.logins.add(parts.netloc)
        if method in self.refuses:
            return Answer(self.refuses[method], "no", 1.0)
        kind, _, name = parts.path.rpartition("/")
        match method, kind.rpartition("/")[2]:
            case "HEAD", where:
                there = self.blobs if where == "blobs" else self.manifests
                return Answer(200 if name in there else 404, "", 1.0)
            case "POST", "uploads":
                place = f"{self.uploads_to}{parts.path}7?state=a%2Fb"
                return Answer(202, "", 1.0, {"location": place})
            case "PUT", "uploads":
                digest = unquote(parse_qs(parts.query)["digest"][0])
                return self._stored(self.blobs, digest, body or b"")
            case "PUT", "manifests":
                return self._put(name, sent["content-type"], body or b"")
        raise AssertionError((method, url))

    def _stored(self, place: dict[str, bytes], digest: str, body: bytes) -> Answer:
        if digest != digest_of(body):
            return Answer(400, "DIGEST_INVALID", 1.0)
        place[digest] = body
        return Answer(201, "", 1.0)

    def _put(self, name: str, media_type: str, body: bytes) -> Answer:
        import json

        content = json.loads(body)
        parts = [content["config"], *content["layers"]] if "layers" in content else []
        missing = [one for one in parts if one["digest"] not in self.blobs]
        children = [one["digest"] for one in content.get("manifests", [])]
        if missing or not all(one in self.manifests for one in children):
            return Answer(400, "MANIFEST_BLOB_UNKNOWN", 1.0)
        if name.startswith("sha256:") and name != digest_of(body):
            return Answer(400, "DIGEST_INVALID", 1.0)
        self.manifests[name] = self.manifests[digest_of(body)] = (media_type, body)
        refers = self.refers and "subject" in content
        told = {"oci-subject": content["subject"]["digest"]} if refers else {}
        return Answer(201, "", 1.0, told)


def digest_of(content: bytes) -> str:
    """Return the digest that a registry names content by."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
