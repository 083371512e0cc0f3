"""HTTP requests whose bodies are too large for memory; connections are made as in `call`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from mldeploy.http.call import NoAnswerError, session_to, way_to
from mldeploy.http.trouble import Cause, Trouble, trouble_of


@dataclass(frozen=True)
class Incoming:
    """A response whose body hasn't been read yet.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case.
        raw: a stream of the body.
        host: that sends it.
        whole: the body's length in bytes, or None if unknown.
    """

    status: int
    headers: Mapping[str, str]
    raw: Any = field(repr=False)
    host: str
    whole: int | None

    def chunks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the body in parts of at most `size` bytes.

        Raises:
            NoAnswerError: MLD504 if it ends too early.
        """
        from urllib3.exceptions import HTTPError

        read = 0
        try:
            for chunk in self.raw.stream(size, decode_content=True):
                read += len(chunk)
                yield chunk
        except (HTTPError, OSError) as error:
            raise self._broken_off() from error
        if self.whole is not None and read < self.whole:
            raise self._broken_off()

    def read(self) -> bytes:
        """Return the whole body.

        Raises:
            NoAnswerError: MLD504 if it ends too early.
        """
        return b"".join(self.chunks())

    def _broken_off(self) -> NoAnswerError:
        trouble = Trouble(
            Cause.NETWORK,
            f"{self.host} closed the connection during the response",
            "check the network",
        )
        return NoAnswerError.of(trouble)


@contextmanager
def answered(  # noqa: PLR0913 - a request, and the way that it takes
    method: str,
    url: str,
    body: bytes | IO[bytes],
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = 60.0,
    ca_bundle: str = "",
) -> Iterator[Incoming]:
    """Send a request like `call`, and yield the response before its body is read.

    Args:
        method: of HTTP.
        url: of the request.
        body: bytes, or a stream, which needs a `content-length` header.
        headers: additional ones.
        timeout: maximum seconds without data.
        ca_bundle: a CA file instead of the environment's.

    Raises:
        NoAnswerError: as `call`.
    """
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError

    sent, reached = way_to(url, headers)
    session = session_to(reached, timeout, ca_bundle)
    request = AWSRequest(method, reached, headers=sent, data=body, stream_output=True)
    try:
        response = session.send(request.prepare())
    except BotoCoreError as error:
        session.close()
        raise NoAnswerError.of(trouble_of(error, url)) from error
    try:
        names = {name.lower(): value for name, value in response.headers.items()}
        host = urlsplit(reached).hostname or ""
        yield Incoming(response.status_code, names, response.raw, host, _whole(method, names))
    finally:
        session.close()


def _whole(method: str, headers: Mapping[str, str]) -> int | None:
    """Return a body's length, which botocore only checks in its parsers; None if unknown."""
    told = headers.get("content-length", "")
    bare = method != "HEAD" and "content-encoding" not in headers
    return int(told) if bare and told.isdecimal() else None
