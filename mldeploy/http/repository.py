"""Reads and writes the manifests and blobs of a registry's repository, without an engine.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from urllib.parse import urlencode

from mldeploy.facts.media_types import INDEX_TYPES, MANIFEST_TYPES
from mldeploy.http.blobs import Arriving, Blob, failed, upload_url
from mldeploy.http.call import NoAnswerError
from mldeploy.http.registry import AgainError, Registry
from mldeploy.http.streams import Incoming
from mldeploy.text.digests import registry_digest

Open = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a blob's content from its start; called again for each attempt."""
_OK, _CREATED, _ACCEPTED, _MISSING = 200, 201, 202, 404
_LARGEST_DOCUMENT = 4_000_000
"""Bytes. Registries should accept manifests of up to this size (specification, "Pushing
Manifests")."""
_ACCEPT = ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))


@dataclass(frozen=True)
class Stored:
    """A manifest in a registry.

    Attributes:
        digest: its own.
        subject: of the image that the registry lists it under, or "" if it lists nothing
            (specification, "Pushing Manifests with Subject").
    """

    digest: str
    subject: str


@dataclass(frozen=True)
class Repository:
    """A repository in a registry."""

    registry: Registry
    name: str

    @property
    def root(self) -> str:
        """The URL of the registry."""
        return self.registry.root

    def manifest(self, reference: str) -> tuple[str, bytes] | None:
        """Return a manifest's media type and content by its tag or digest; None if it is missing.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        url = self._url(f"manifests/{reference}")
        with self.registry.asked("GET", url, headers={"accept": _ACCEPT}) as answer:
            if answer.status == _MISSING:
                return None
            content = self._document(answer, url)
        is_digest = reference.startswith("sha256:")
        told = reference if is_digest else answer.headers.get("docker-content-digest", "")
        if told and registry_digest(content) != told:
            raise failed(self.root, f"the content of {told} has another digest")
        return answer.headers.get("content-type", "").partition(";")[0], content

    def small_blob(self, digest: str) -> bytes:
        """Return the content of a small blob, such as an image's configuration.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        url = self._url(f"blobs/{digest}")
        with self.registry.asked("GET", url) as answer:
            content = self._document(answer, url)
        if registry_digest(content) != digest:
            raise failed(self.root, f"the content of {digest} has another digest")
        return content

    @contextmanager
    def stream(self, blob: Blob) -> Iterator[IO[bytes]]:
        """Yield a stream of a blob's content; its end raises an error if the digest differs.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        url = self._url(f"blobs/{blob.digest}")
        with self.registry.asked("GET", url) as answer:
            self.registry.require(answer, url, _OK)
            yield Arriving(answer, blob, self.root)  # type: ignore[misc]

    def has(self, digest: str) -> bool:
        """Return whether the repository contains a blob.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        url = self._url(f"blobs/{digest}")
        with self.registry.asked("HEAD", url) as answer:
            if answer.status != _MISSING:
                self.registry.require(answer, url, _OK)
            return answer.status == _OK

    def upload(self, blob: Blob, opened: Open, *, mount: str = "") -> bool:
        """Upload a blob unless the repository contains it; return whether it was sent.

        A single PUT sends the whole blob; a retry starts again from the beginning.

        Args:
            blob: to upload.
            opened: opens its content.
            mount: another repository of this registry that contains it, or "".

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        if self.has(blob.digest):
            return False
        for left in self.registry.attempts_left():
            try:
                return self._uploaded(blob, opened, mount)
            except (AgainError, NoAnswerError) as error:
                self.registry.pause(error, left)
        raise AssertionError

    def store(self, content: bytes) -> bool:
        """Upload a small blob unless the repository contains it; return whether it was sent.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        blob = Blob(registry_digest(content), len(content))
        return self.upload(blob, lambda: nullcontext(BytesIO(content)))

    def put_manifest(self, reference: str, media_type: str, content: bytes) -> Stored:
        """Upload a manifest under a tag or its digest.

        Raises:
            MldeployError: MLD358, MLD359, NoAnswerError.
        """
        url = self._url(f"manifests/{reference}")
        with self.registry.asked("PUT", url, content, {"content-type": media_type}) as answer:
            self.registry.require(answer, url, _CREATED)
            return Stored(registry_digest(content), answer.headers.get("oci-subject", ""))

    def _uploaded(self, blob: Blob, opened: Open, mount: str) -> bool:
        begin = self._url("blobs/uploads/")
        query = f"?{urlencode({'mount': blob.digest, 'from': mount})}" if mount else ""
        with self.registry.asked("POST", f"{begin}{query}") as answer:
            if answer.status == _CREATED and mount:
                return False
            self.registry.require(answer, begin, _ACCEPTED)
            url = upload_url(begin, answer.headers, blob.digest)
        told = {"content-type": "application/octet-stream", "content-length": str(blob.size)}
        with opened() as content, self.registry.once("PUT", url, content, told) as answer:
            self.registry.again_if_asked(answer, url)
            self.registry.require(answer, url, _CREATED)
        return True

    def _url(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/v2/{self.name}/{path}"

    def _document(self, answer: Incoming, url: str) -> bytes:
        self.registry.require(answer, url, _OK)
        content = b""
        for chunk in answer.chunks():
            content += chunk
            if len(content) > _LARGEST_DOCUMENT:
                raise failed(self.root, f"its response is larger than {_LARGEST_DOCUMENT:,} bytes")
        return content
