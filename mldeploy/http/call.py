"""Makes an HTTP call with botocore's network settings."""

import ipaddress
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mldeploy.errors import MldeployError
from mldeploy.http.trouble import Cause, Trouble, trouble_of

_TIMEOUT = 35.0
"""Seconds; API Gateway's limit is 30."""
_CONNECTS = 10.0
_STATUS = "; `mldeploy status` shows whether the endpoint is deployed"
_CODES = {
    Cause.NETWORK: "MLD504",
    Cause.PROXY: "MLD508",
    Cause.CERTIFICATE: "MLD509",
    Cause.NAME: "MLD510",
}


class NoAnswerError(MldeployError):
    """Raised without a response, because of the caller's network rather than AWS.

    Attributes:
        lasting: whether another attempt will fail as well.
    """

    lasting: bool = False

    @classmethod
    def of(cls, trouble: Trouble, advice: str = "") -> "NoAnswerError":
        """Return the error for a network problem.

        Args:
            trouble: the problem.
            advice: is added to the hint if nothing is known of the cause.
        """
        more = advice if trouble.cause is Cause.NETWORK else ""
        error = cls(_CODES[trouble.cause], f"no response: {trouble.message}", trouble.hint + more)
        error.lasting = trouble.lasting
        return error


@dataclass(frozen=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: of HTTP.
        body: as text.
        milliseconds: its duration.
    """

    status: int
    body: str
    milliseconds: float

    @property
    def content(self) -> Any:
        """The body as JSON, or as text if it isn't JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body

    @property
    def of_gateway(self) -> bool:
        """Whether API Gateway itself rejected the request: its errors contain only `message`.

        Source:
            https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
        """
        content = self.content
        refusal = self.status >= 400 and isinstance(content, dict)  # noqa: PLR2004 - HTTP
        return refusal and content.keys() == {"message"}


def call(  # noqa: PLR0913 - a request, and the way that it takes
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = _TIMEOUT,
    ca_bundle: str = "",
) -> Answer:
    """Send a request and return the response, whatever its status.

    HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE and certifi work as in boto3, because
    botocore's session sends the request. Loopback addresses need no proxy.

    Args:
        method: of HTTP.
        url: of the request.
        body: of the request, or None.
        headers: additional ones.
        timeout: seconds until the response begins.
        ca_bundle: a CA file instead of the environment's.

    Raises:
        NoAnswerError: MLD504, MLD508 for the proxy, MLD509 for TLS, MLD510 for the name.
    """
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError

    sent, reached = way_to(url, headers)
    session = session_to(reached, timeout, ca_bundle)
    started = time.perf_counter()
    try:
        response = session.send(
            AWSRequest(method, reached, headers=sent, data=body or b"").prepare()
        )
    except BotoCoreError as error:
        raise NoAnswerError.of(trouble_of(error, url), _STATUS) from error
    finally:
        session.close()
    took = (time.perf_counter() - started) * 1000
    _require_whole(response, method, urlsplit(reached).hostname or "")
    text = response.content.decode("utf-8", "replace")
    return Answer(response.status_code, text, took)


def way_to(url: str, headers: Mapping[str, str] | None) -> tuple[dict[str, str], str]:
    """Return the headers to send, and the URL that this machine can resolve."""
    parts = urlsplit(url)
    sent = {"content-type": "application/json", **(headers or {})}
    if not (parts.hostname or "").endswith(".localhost"):
        return sent, url
    # RFC 6761: such names are loopback, but not every resolver supports that; emulators
    # route by the Host header.
    here = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
    return {"host": parts.netloc, **sent}, here


def session_to(url: str, timeout: float, ca_bundle: str) -> Any:
    """Return botocore's session for a URL; the caller closes it."""
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    return URLLib3Session(
        # As in botocore/endpoint.py and botocore/configprovider.py (`ca_bundle`).
        verify=ca_bundle or _named("AWS_CA_BUNDLE") or _named("REQUESTS_CA_BUNDLE") or True,
        proxies={} if _is_here(url) else get_environ_proxies(url),
        timeout=(_CONNECTS, timeout),
    )


def _require_whole(response: Any, method: str, host: str) -> None:
    """Treat a truncated body as no response; botocore leaves that to its parsers."""
    wanted = response.headers.get("content-length", "0")
    if method != "HEAD" and wanted.isdecimal() and len(response.content) < int(wanted):
        raise NoAnswerError.of(
            Trouble(Cause.NETWORK, f"{host} closed the connection", "check the network"), _STATUS
        )


def _named(variable: str) -> str:
    return os.environ.get(variable, "")


def _is_here(url: str) -> bool:
    """Return whether a URL's host is a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
