"""HTTP calls whose bodies are too large for memory, on the ways that `call` takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from mldeploy.http.call import NoAnswerError, session_to, way_to
from mldeploy.http.trouble import Cause, Trouble, trouble_of


@dataclass(frozen=True)
class Incoming:
    """An answer whose body is still to be read.

    Attributes:
        status: of HTTP.
        headers: by their names in lower case.
        raw: the body as it arrives.
        host: that sends it.
        whole: how many bytes it should have, or None if nobody says.
    """

    status: int
    headers: Mapping[str, str]
    raw: Any = field(repr=False)
    host: str
    whole: int | None

    def chunks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the body in parts of at most so many bytes.

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
        trouble = Trouble(Cause.NETWORK, f"{self.host} broke off", "check the network")
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
    """Send a request as `call` does, and give the answer before its body has arrived.

    Args:
        method: of HTTP.
        url: where to.
        body: bytes, or a stream; a stream needs a `content-length` among the headers.
        headers: more of them.
        timeout: seconds without anything that arrives.
        ca_bundle: a file of certificates instead of those that the environment names.

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
    """Return how long a body should be; botocore leaves that to its parsers."""
    told = headers.get("content-length", "")
    bare = method != "HEAD" and "content-encoding" not in headers
    return int(told) if bare and told.isdecimal() else None
