"""A repository of a registry: its manifests and blobs, read and written without an engine.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlencode, urljoin, urlsplit

from mldeploy.errors import MldeployError
from mldeploy.facts.media_types import INDEX_TYPES, MANIFEST_TYPES
from mldeploy.fingerprint import registry_digest
from mldeploy.http.blobs import Arriving, Blob, failed, upload_url
from mldeploy.http.call import NoAnswerError
from mldeploy.http.logins import Logins
from mldeploy.http.streams import Incoming, answered

Send = Callable[..., AbstractContextManager[Incoming]]
Open = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a blob's content from its start; it is called again for another attempt."""
_OK, _CREATED, _ACCEPTED, _MISSING, _NO_LOGIN = 200, 201, 202, 404, 401
_LATER = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_ATTEMPTS = 5
_LONGEST_PAUSE = 30.0
_LARGEST_DOCUMENT = 4_000_000
"""Bytes: what a registry should take for a manifest (specification, "Pushing Manifests")."""
_ACCEPT = ", ".join((*MANIFEST_TYPES, *INDEX_TYPES))


@dataclass
class Repository:
    """A repository, and how to get in.

    Attributes:
        root: the URL of its registry, such as "https://registry.example".
        name: of the repository.
        username: "" for none.
        password: of the user.
        ca_bundle: a file of certificates that the registry is trusted by, or "".
        send: sends a request; see `mldeploy.http.streams.answered`.
        sleep: pauses for so many seconds.
    """

    root: str
    name: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""
    send: Send = answered
    sleep: Callable[[float], None] = time.sleep
    _login: dict[str, str] = field(default_factory=dict, repr=False)

    def manifest(self, reference: str) -> tuple[str, bytes] | None:
        """Return the media type and content of a manifest by its tag or digest, None if missing.

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        url = self._url(f"manifests/{reference}")
        with self._asked("GET", url, accept=_ACCEPT) as answer:
            if answer.status == _MISSING:
                return None
            content = self._document(answer, url)
        if reference.startswith("sha256:") and registry_digest(content) != reference:
            raise failed(self.root, f"what it sent as {reference} has another digest")
        return answer.headers.get("content-type", "").partition(";")[0], content

    def small_blob(self, digest: str) -> bytes:
        """Return a blob that is a document, such as an image's configuration.

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        url = self._url(f"blobs/{digest}")
        with self._asked("GET", url) as answer:
            content = self._document(answer, url)
        if registry_digest(content) != digest:
            raise failed(self.root, f"what it sent as {digest} has another digest")
        return content

    @contextmanager
    def stream(self, blob: Blob) -> Iterator[IO[bytes]]:
        """Give a blob's content as it arrives; a content of another digest is an error at its end.

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        url = self._url(f"blobs/{blob.digest}")
        with self._asked("GET", url) as answer:
            self._require(answer, url, _OK)
            yield Arriving(answer, blob, self.root)  # type: ignore[misc]

    def has(self, digest: str) -> bool:
        """Tell whether the repository holds a blob.

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        url = self._url(f"blobs/{digest}")
        with self._asked("HEAD", url) as answer:
            if answer.status != _MISSING:
                self._require(answer, url, _OK)
            return answer.status == _OK

    def upload(self, blob: Blob, opened: Open, *, mount: str = "") -> bool:
        """Store a blob unless it is there; return whether anything was sent.

        One PUT sends all of it; whatever breaks, the next attempt begins anew.

        Args:
            blob: what is stored.
            opened: opens its content.
            mount: another repository of this registry that holds it, or "".

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        if self.has(blob.digest):
            return False
        for left in reversed(range(_ATTEMPTS)):
            try:
                return self._uploaded(blob, opened, mount)
            except (_AgainError, NoAnswerError) as error:
                self._pause(error, left)
        raise AssertionError

    def put_manifest(self, tag: str, media_type: str, content: bytes) -> str:
        """Store a manifest under a tag; return its digest.

        Raises:
            MldeployError: MLD358, NoAnswerError.
        """
        url = self._url(f"manifests/{tag}")
        with self._asked("PUT", url, content, **{"content-type": media_type}) as answer:
            self._require(answer, url, _CREATED)
        return registry_digest(content)

    def _uploaded(self, blob: Blob, opened: Open, mount: str) -> bool:
        begin = self._url("blobs/uploads/")
        query = f"?{urlencode({'mount': blob.digest, 'from': mount})}" if mount else ""
        with self._asked("POST", f"{begin}{query}") as answer:
            if answer.status == _CREATED and mount:
                return False
            self._require(answer, begin, _ACCEPTED)
            url = upload_url(begin, answer.headers, blob.digest)
        told = {"content-type": "application/octet-stream", "content-length": str(blob.size)}
        with opened() as content, self._sent("PUT", url, content, told) as answer:
            if answer.status == _NO_LOGIN:
                self._log_in(answer)
                raise _AgainError(self._told(answer, url))
            if answer.status in _LATER:
                raise _AgainError(self._told(answer, url), _retry_after(answer))
            self._require(answer, url, _CREATED)
        return True

    @contextmanager
    def _asked(
        self, method: str, url: str, body: bytes = b"", **headers: str
    ) -> Iterator[Incoming]:
        """Send a request that may be sent again: log in, follow redirects, wait where asked to."""
        with ExitStack() as stack:
            for left in reversed(range(_ATTEMPTS)):
                try:
                    answer = self._answer(stack, method, url, body, headers)
                    break
                except (_AgainError, NoAnswerError) as error:
                    stack.close()
                    self._pause(error, left)
            yield answer

    def _answer(
        self, stack: ExitStack, method: str, url: str, body: bytes, headers: dict[str, str]
    ) -> Incoming:
        logged_in = False
        for _ in range(_MOST_REDIRECTS):
            answer = stack.enter_context(self._sent(method, url, body, headers))
            if answer.status == _NO_LOGIN and not logged_in:
                logged_in = True
                self._log_in(answer)
            elif answer.status in _REDIRECTS:
                url = self._elsewhere(url, answer)
            elif answer.status in _LATER:
                raise _AgainError(self._told(answer, url), _retry_after(answer))
            else:
                return answer
            stack.close()
        raise failed(self.root, "it sends requests from one place to another")

    def _sent(
        self, method: str, url: str, body: bytes | IO[bytes], headers: dict[str, str]
    ) -> AbstractContextManager[Incoming]:
        # An upload or a redirect may go elsewhere: the login doesn't.
        ours = urlsplit(url).netloc == urlsplit(self.root).netloc
        told = {**headers, **(self._login if ours else {})}
        return self.send(method, url, body, told, ca_bundle=self.ca_bundle)

    def _elsewhere(self, url: str, answer: Incoming) -> str:
        place = urljoin(url, answer.headers.get("location", ""))
        if urlsplit(url).scheme == "https" and urlsplit(place).scheme != "https":
            raise failed(self.root, "it sends requests from https to http")
        return place

    def _log_in(self, answer: Incoming) -> None:
        asked = answer.headers.get("www-authenticate", "")
        found = self._logins.answer_to(asked, self.send)
        if not found:
            raise _no_login(self.root, self.username)
        self._login = {"authorization": found}

    @property
    def _logins(self) -> Logins:
        return Logins(self.root, self.username, self.password, self.ca_bundle)

    def _pause(self, error: Exception, left: int) -> None:
        if not left or getattr(error, "lasting", False):
            if isinstance(error, _AgainError):
                raise failed(self.root, str(error)) from error
            raise error
        told = getattr(error, "seconds", None)
        doubled = 2.0 ** max(0, _ATTEMPTS - 1 - left) / 2
        self.sleep(min(_LONGEST_PAUSE, told if told is not None else doubled))

    def _url(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/v2/{self.name}/{path}"

    def _document(self, answer: Incoming, url: str) -> bytes:
        self._require(answer, url, _OK)
        content = b""
        for chunk in answer.chunks():
            content += chunk
            if len(content) > _LARGEST_DOCUMENT:
                raise failed(self.root, "it sent a document that is too large to be one")
        return content

    def _require(self, answer: Incoming, url: str, status: int) -> None:
        if answer.status == _NO_LOGIN:
            raise _no_login(self.root, self.username)
        if answer.status != status:
            raise failed(self.root, self._told(answer, url))

    def _told(self, answer: Incoming, url: str) -> str:
        path = urlsplit(url).path
        text = answer.read()[:300].decode("utf-8", "replace") if answer.status >= 400 else ""  # noqa: PLR2004
        return f"{path} was answered with {answer.status} {' '.join(text.split())}".rstrip()


class _AgainError(Exception):
    """The registry asks for another attempt, after so many seconds if it says so."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


def _retry_after(answer: Incoming) -> float | None:
    """Return how many seconds to wait; dates, which are rare there, are left alone."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else None


def _no_login(root: str, username: str) -> MldeployError:
    host = urlsplit(root).netloc
    if username:
        return MldeployError(
            "MLD359",
            f"the registry {host} refuses the login of {username}",
            "check the login, or log in again; a login of ECR ends after twelve hours",
        )
    return MldeployError(
        "MLD359",
        f"the registry {host} asks for a login",
        f"log in with `docker login {host}`, or use a base image that everybody may pull",
    )
