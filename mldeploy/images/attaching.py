"""Attaches documents to an image by the registry's API.

Engines have no call for it. Source:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pushing a blob
monolithically" and "Pushing manifests with subject".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from mldeploy.errors import MldeployError
from mldeploy.facts.media_types import OCI_INDEX, OCI_MANIFEST
from mldeploy.fingerprint import registry_digest
from mldeploy.http.blobs import upload_url
from mldeploy.http.call import Answer, NoAnswerError
from mldeploy.http.logins import basic
from mldeploy.images.attachments import (
    EMPTY,
    Document,
    Subject,
    fallback_tag,
    index_of,
    manifest_of,
)
from mldeploy.images.builder import RepositoryTarget

Call = Callable[..., Answer]
_OK, _CREATED, _ACCEPTED = 200, 201, 202


def attach(
    documents: Iterable[Document], subject: Subject, repository: RepositoryTarget, call: Call
) -> None:
    """Attach documents to their image; existing ones aren't changed.

    Args:
        documents: about the image.
        subject: the image.
        repository: of the image, with a login.
        call: sends a request, as `mldeploy.http.call.call` does.

    Raises:
        MldeployError: MLD354.
    """
    registry, wanted = _Registry(repository, call), tuple(documents)
    for content in (EMPTY, *(one.content for one in wanted)):
        registry.store(content)
    manifests = [manifest_of(one, subject) for one in wanted]
    answers = [registry.put(one, registry_digest(one), OCI_MANIFEST) for one in manifests]
    # A registry with a referrers API says so.
    if all(one.headers.get("oci-subject") == subject.digest for one in answers):
        return
    tag = fallback_tag(subject.digest)
    if not registry.has(f"manifests/{tag}"):
        registry.put(index_of(wanted, subject), tag, OCI_INDEX)


@dataclass(frozen=True)
class _Registry:
    """A repository of a registry."""

    repository: RepositoryTarget
    call: Call

    @property
    def _root(self) -> str:
        return f"{self.repository.registry}/v2/{self.repository.name}/"

    def has(self, path: str) -> bool:
        """Return whether a blob or manifest exists."""
        return (
            self._send("HEAD", path, b"", {"accept": f"{OCI_MANIFEST}, {OCI_INDEX}"}).status == _OK
        )

    def store(self, content: bytes) -> None:
        """Upload a blob unless it exists."""
        digest = registry_digest(content)
        if self.has(f"blobs/{digest}"):
            return
        begun = self._send("POST", "blobs/uploads/", b"", {}, _ACCEPTED)
        place = upload_url(f"{self._root}blobs/uploads/", begun.headers, digest)
        headers = {"content-type": "application/octet-stream"}
        self._send("PUT", place, content, headers, _CREATED)

    def put(self, manifest: bytes, name: str, media_type: str) -> Answer:
        """Store a manifest with its digest or a tag."""
        headers = {"content-type": media_type}
        return self._send("PUT", f"manifests/{name}", manifest, headers, _CREATED)

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *wanted: int
    ) -> Answer:
        url = urljoin(self._root, path)
        login = basic(self.repository.username, self.repository.password)
        told = {**headers, "authorization": login}
        if urlsplit(url).netloc != urlsplit(self._root).netloc:
            del told["authorization"]  # it may be another host's
        try:
            answer = self.call(method, url, body, told, ca_bundle=self.repository.ca_bundle)
        except NoAnswerError as error:
            raise _failed(error.message, error.hint) from error
        if wanted and answer.status not in wanted:
            raise _failed(f"{method} returned status {answer.status}: {answer.body[:200]}")
        return answer


def _failed(why: str, hint: str = "") -> MldeployError:
    return MldeployError(
        "MLD354",
        f"the image's bill of materials couldn't be stored beside it in the registry: {why}",
        hint or "run the command again; the image wasn't tagged with the release",
    )
