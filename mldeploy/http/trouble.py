"""Network errors when calling AWS or an endpoint, and their fixes.

Errors are distinguished by their classes' names: botocore's, which wrap urllib3's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from mldeploy.text.redact import redact


class Cause(StrEnum):
    """Causes of network errors."""

    PROXY = "proxy"
    CERTIFICATE = "certificate"
    NAME = "name"
    NETWORK = "network"


@dataclass(frozen=True)
class Trouble:
    """Why there is no response.

    Attributes:
        cause: of the error.
        message: one sentence.
        hint: what to do.
        lasting: whether another attempt will fail as well.
    """

    cause: Cause
    message: str
    hint: str
    lasting: bool = False


_NO_NAME = {"NameResolutionError", "gaierror"}
_PROXY = {"ProxyConnectionError", "ProxyError", "ProxySchemeUnknown", "InvalidProxiesConfigError"}
_REFUSED = "Tunnel connection failed: 4"
"""Prefix of http.client's message for a proxy that rejects CONNECT; the status follows."""
_UNVERIFIED = ("CERTIFICATE_VERIFY_FAILED", "No such file", "no certificate or crl found")


def trouble_of(error: BaseException, url: str = "") -> Trouble:
    """Return the cause of a network error.

    Args:
        error: of botocore, without a response.
        url: that was called; by default the one in botocore's error.
    """
    chain = list(_chain(error))
    names = {type(one).__name__ for one in chain}
    host = urlsplit(url or str(_told(error, "endpoint_url"))).hostname or "AWS"
    told = _said(chain)
    if names & _PROXY:
        refused = any(_REFUSED in str(one) for one in chain)
        return _proxy(host, str(_told(error, "proxy_url")), told, lasting=refused)
    if "SSLError" in names:
        return _tls(host, told, lasting=any(text in told for text in _UNVERIFIED))
    if names & _NO_NAME:
        return Trouble(
            Cause.NAME,
            f"the name {host} can't be resolved: {told}",
            "check the network, the VPN and the region's spelling; if the network requires a "
            "proxy, set HTTPS_PROXY",
        )
    return Trouble(
        Cause.NETWORK,
        f"{host} didn't respond: {told}",
        "check the network; if it requires a proxy, set HTTPS_PROXY",
    )


def _proxy(host: str, proxy: str, told: str, *, lasting: bool) -> Trouble:
    return Trouble(
        Cause.PROXY,
        f"the proxy{f' {proxy}' if proxy else ''} didn't connect to {host}: {told}",
        f"check HTTPS_PROXY (or https_proxy) with its user and password, or set NO_PROXY={host} "
        "to connect without the proxy",
        lasting,
    )


def _tls(host: str, told: str, *, lasting: bool) -> Trouble:
    return Trouble(
        Cause.CERTIFICATE,
        f"the certificate of {host} can't be verified: {told}",
        "if a proxy inspects TLS, set AWS_CA_BUNDLE (or REQUESTS_CA_BUNDLE) to an existing PEM "
        "file with the CA certificate of the proxy",
        lasting,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, outermost first."""
    seen: list[BaseException] = []
    inner: object = error
    while isinstance(inner, BaseException) and inner not in seen:
        seen.append(inner)
        yield inner
        causes = (
            *(_told(inner, "error"), getattr(inner, "original_error", None)),
            *(getattr(inner, "reason", None), inner.__cause__, inner.__context__, *inner.args),
        )
        inner = next((one for one in causes if isinstance(one, BaseException)), None)


def _told(error: BaseException, name: str) -> object:
    """Return a value of a botocore error's `kwargs`, or ""."""
    return getattr(error, "kwargs", {}).get(name, "")


def _said(chain: list[BaseException]) -> str:
    """Return the innermost error's message, which is the most specific, on one line."""
    words = next((str(one) for one in reversed(chain) if str(one)), "")
    return redact(" ".join(words.split()), foreign=True)
