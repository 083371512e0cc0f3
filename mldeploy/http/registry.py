"""Requests to a registry, with login, redirects and retries.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urljoin, urlsplit

from mldeploy.errors import MldeployError
from mldeploy.http.blobs import failed
from mldeploy.http.call import NoAnswerError
from mldeploy.http.logins import Logins
from mldeploy.http.streams import Incoming, answered

Send = Callable[..., AbstractContextManager[Incoming]]
_NO_LOGIN = 401
_LATER = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_ATTEMPTS = 5
_LONGEST_PAUSE = 30.0


class AgainError(Exception):
    """Raised if a request may be retried, after a number of seconds if the registry names one."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass
class Registry:
    """A registry and its credentials.

    Attributes:
        root: its URL, such as "https://registry.example".
        username: "" for none.
        password: of the user.
        ca_bundle: a file of certificates that it is trusted by, or "".
        send: sends a request; see `mldeploy.http.streams.answered`.
        sleep: pauses for so many seconds.
        attempts: how often a request is sent at most.
    """

    root: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""
    send: Send = answered
    sleep: Callable[[float], None] = time.sleep
    attempts: int = _ATTEMPTS
    _login: dict[str, str] = field(default_factory=dict, repr=False)

    @contextmanager
    def asked(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Iterator[Incoming]:
        """Send a request with retries: log in, follow redirects, and honor Retry-After.

        Raises:
            MldeployError: MLD358, MLD359.
            NoAnswerError: without an answer.
        """
        with ExitStack() as stack:
            for left in self.attempts_left():
                try:
                    answer = self._answer(stack, method, url, body, headers or {})
                    break
                except (AgainError, NoAnswerError) as error:
                    stack.close()
                    self.pause(error, left)
            yield answer

    def once(
        self, method: str, url: str, body: bytes | IO[bytes], headers: dict[str, str]
    ) -> AbstractContextManager[Incoming]:
        """Send a request once, and yield the response whatever its status."""
        # An upload or a redirect may go elsewhere: the login doesn't.
        ours = urlsplit(url).netloc == urlsplit(self.root).netloc
        told = {**headers, **(self._login if ours else {})}
        return self.send(method, url, body, told, ca_bundle=self.ca_bundle)

    def attempts_left(self) -> Iterator[int]:
        """Yield the number of attempts left, down to 0; call `pause` between attempts."""
        return reversed(range(self.attempts))

    def pause(self, error: AgainError | NoAnswerError, left: int) -> None:
        """Wait before another attempt.

        Raises:
            MldeployError: MLD358 if there is none left.
            NoAnswerError: likewise, or if another attempt is in vain.
        """
        if not left or getattr(error, "lasting", False):
            if isinstance(error, AgainError):
                raise failed(self.root, str(error)) from error
            raise error
        told = getattr(error, "seconds", None)
        doubled = 2.0 ** (self.attempts - 1 - left) / 2
        self.sleep(min(_LONGEST_PAUSE, told if told is not None else doubled))

    def again_if_asked(self, answer: Incoming, url: str) -> None:
        """Raise an error that causes another attempt, after a login if one is required.

        Raises:
            AgainError: if the answer is none yet.
            MldeployError: MLD359.
        """
        if answer.status == _NO_LOGIN:
            self._log_in(answer)
            raise AgainError(_told(answer, url))
        if answer.status in _LATER:
            raise AgainError(_told(answer, url), _retry_after(answer))

    def require(self, answer: Incoming, url: str, status: int) -> None:
        """Refuse a response with another status.

        Raises:
            MldeployError: MLD358, MLD359.
        """
        if answer.status == _NO_LOGIN:
            raise _no_login(self.root, self.username)
        if answer.status != status:
            raise failed(self.root, _told(answer, url))

    def _answer(
        self, stack: ExitStack, method: str, url: str, body: bytes, headers: dict[str, str]
    ) -> Incoming:
        logged_in = False
        for _ in range(_MOST_REDIRECTS):
            answer = stack.enter_context(self.once(method, url, body, headers))
            if answer.status == _NO_LOGIN and not logged_in:
                logged_in = True
                self._log_in(answer)
            elif answer.status in _REDIRECTS:
                url = self._elsewhere(url, answer)
            elif answer.status in _LATER:
                raise AgainError(_told(answer, url), _retry_after(answer))
            else:
                return answer
            stack.close()
        raise failed(self.root, "it redirected the request too many times")

    def _elsewhere(self, url: str, answer: Incoming) -> str:
        place = urljoin(url, answer.headers.get("location", ""))
        if urlsplit(url).scheme == "https" and urlsplit(place).scheme != "https":
            raise failed(self.root, "it redirected the request from https to http")
        return place

    def _log_in(self, answer: Incoming) -> None:
        logins = Logins(self.root, self.username, self.password, self.ca_bundle)
        found = logins.answer_to(answer.headers.get("www-authenticate", ""), self.send)
        if not found:
            raise _no_login(self.root, self.username)
        self._login = {"authorization": found}


def _told(answer: Incoming, url: str) -> str:
    path = urlsplit(url).path
    text = answer.read()[:300].decode("utf-8", "replace") if answer.status >= 400 else ""  # noqa: PLR2004
    return f"the response to {path} was {answer.status} {' '.join(text.split())}".rstrip()


def _retry_after(answer: Incoming) -> float | None:
    """Return the seconds to wait; dates, which registries rarely send, are ignored."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else None


def _no_login(root: str, username: str) -> MldeployError:
    host = urlsplit(root).netloc
    if username:
        return MldeployError(
            "MLD359",
            f"the registry {host} rejected the login of {username}",
            "check the login, or log in again; a login to ECR expires after 12 hours",
        )
    return MldeployError(
        "MLD359",
        f"the registry {host} requires a login",
        f"log in with `docker login {host}`, or use a public base image",
    )
