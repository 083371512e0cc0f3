"""Verifies Signature Version 4: whether a request was signed with a key pair.

Source: IAM user guide, "AWS Signature Version 4 for API requests".
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_FORM = "%Y%m%dT%H%M%SZ"
_OLDEST = 300.0
"""Seconds, either way. IAM user guide: "Most requests must reach AWS within five minutes"."""
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[A-Za-z0-9]+)/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)"
    r"/(?P<service>[a-z0-9-]+)/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+)"
    r", ?Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


class NotSignedError(Exception):
    """Raised if a request isn't signed with the key pair; the text is the reason."""


@dataclass(frozen=True)
class KeyPair:
    """An access key and its secret."""

    access_key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Received:
    """A received request.

    Attributes:
        method: of HTTP.
        target: path and query as sent.
        headers: by their names in lower case; repeated values are joined by commas.
    """

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Claim:
    """The contents of an Authorization header. `headers`: the signed names."""

    region: str
    service: str
    headers: tuple[str, ...]
    signature: str


def is_signed(request: Received, keys: KeyPair, now: float, service: str, body: bytes) -> bool:
    """Return whether a request is signed for a service. See `claim_of`."""
    try:
        claim = claim_of(request, keys, now)
        require_signature(request, claim, keys, body)
    except NotSignedError:
        return False
    return claim.service == service


def claim_of(request: Received, keys: KeyPair, now: float) -> Claim:
    """Return a request's claim after verifying everything but its body.

    Args:
        request: the request.
        keys: that it must be signed with.
        now: seconds since 1970.

    Raises:
        NotSignedError: no signature in the header, another key, a wrong date, or an unsigned header
            that AWS requires to be signed.
    """
    given = request.headers.get("authorization", "")
    found = _HEADER.fullmatch(given)
    if found is None:
        raise NotSignedError("it is not signed" if not given else "its signature can't be read")
    if not hmac.compare_digest(found["key"], keys.access_key):
        raise NotSignedError("it is signed with another key")
    date = request.headers.get("x-amz-date", "")
    if not date.startswith(found["day"]) or abs(now - _seconds(date)) > _OLDEST:
        raise NotSignedError("its date is more than five minutes from the current time")
    signed = tuple(found["headers"].split(";"))
    wanted = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    if not wanted <= set(signed) <= set(request.headers):
        raise NotSignedError("not all of its headers are signed")
    return Claim(found["region"], found["service"], signed, found["signature"])


def require_signature(request: Received, claim: Claim, keys: KeyPair, body: bytes) -> None:
    """Verify the signature of a request and its body with botocore's signer.

    Raises:
        NotSignedError: it differs, or the body doesn't match its hash.
    """
    named = request.headers.get("x-amz-content-sha256")
    if named is not None and named != hashlib.sha256(body).hexdigest():
        raise NotSignedError("its body doesn't match the signature")
    if not hmac.compare_digest(_signature(request, claim, keys, body), claim.signature):
        raise NotSignedError("its signature is wrong")


def _signature(request: Received, claim: Claim, keys: KeyPair, body: bytes) -> str:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    sent = {name: request.headers[name] for name in claim.headers}
    url = f"http://{request.headers['host']}{request.target}"
    made = AWSRequest(request.method, url, data=body, headers=sent)
    made.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(keys.access_key, keys.secret), claim.service, claim.region)
    text = signer.string_to_sign(made, signer.canonical_request(made))
    return str(signer.signature(text, made))


def _seconds(date: str) -> float:
    try:
        return datetime.strptime(date, _FORM).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
