"""Reads a registry over HTTP, without an engine and without a login.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

import json
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from mldeploy.facts.media_types import INDEX_TYPES, MANIFEST_TYPES
from mldeploy.fingerprint import registry_digest
from mldeploy.http.call import Answer, call
from mldeploy.http.logins import parameters_of, token_in
from mldeploy.text.addresses import unprotected_host

_TIMEOUT = 10.0
_OK, _UNAUTHORIZED = 200, 401
_HUB = "registry-1.docker.io"
Call = Callable[..., Answer]


class UnknownDigestError(Exception):
    """Raised if the registry returns no digest; the text is the reason."""


def digest_now(reference: str, call: Call = call) -> str:
    """Return the digest of a tag, which is its index's if there are several platforms.

    Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pulling
    manifests"; anonymous login: https://distribution.github.io/distribution/spec/auth/token/

    Raises:
        MldeployError: MLD5xx without a response.
        UnknownDigestError: if the response isn't a manifest.
    """
    registry, name, tag = _parts(reference)
    url = f"{_url_of(registry)}/v2/{name}/manifests/{tag}"
    headers = {"accept": ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))}
    answer = call("GET", url, None, headers, timeout=_TIMEOUT)
    if answer.status == _UNAUTHORIZED:
        headers["authorization"] = f"Bearer {_token(answer, name, call)}"
        answer = call("GET", url, None, headers, timeout=_TIMEOUT)
    if answer.status != _OK:
        raise UnknownDigestError(f"{registry} answered {answer.status}")
    return _digest_of(answer, registry)


def place_of_reference(reference: str) -> tuple[str, str, str]:
    """Return the URL of an image's registry, its repository, and its digest or else its tag."""
    named, _, digest = reference.partition("@")
    registry, name, tag = _parts(named)
    return _url_of(registry), name, digest or tag


def _url_of(registry: str) -> str:
    """Return a registry's URL; this machine's own may have no certificate."""
    host = registry.partition(":")[0]
    scheme = "https" if unprotected_host(f"http://{host}") else "http"
    return f"{scheme}://{registry}"


def _parts(reference: str) -> tuple[str, str, str]:
    """Return a reference's registry, name and tag by Docker's rules."""
    first, slash, rest = reference.partition("/")
    is_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, name = (first, rest) if is_registry else (_HUB, reference)
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    if not is_registry and not folder:
        folder, slash = "library", "/"
    return registry, f"{folder}{slash}{last}", tag or "latest"


def _token(answer: Answer, name: str, call: Call) -> str:
    """Return a registry's anonymous token."""
    scheme, parameters = parameters_of(answer.headers.get("www-authenticate", ""))
    realm = parameters.get("realm", "") if scheme == "bearer" else ""
    parts = urlsplit(realm)
    if parts.scheme not in {"http", "https"} or unprotected_host(realm):
        raise UnknownDigestError("its registry wants a login")
    query = {"service": parameters.get("service", ""), "scope": f"repository:{name}:pull"}
    token = token_in(call("GET", f"{realm}?{urlencode(query)}", None, timeout=_TIMEOUT).body)
    if not token:
        raise UnknownDigestError("its registry wants a login")
    return token


def _digest_of(answer: Answer, registry: str) -> str:
    """Return a manifest's digest after comparing it with the registry's."""
    digest = registry_digest(answer.body.encode())
    try:
        manifest = json.loads(answer.body)
    except (ValueError, RecursionError):
        manifest = None
    named = answer.headers.get("docker-content-digest", digest)
    if not isinstance(manifest, dict) or "schemaVersion" not in manifest or named != digest:
        raise UnknownDigestError(f"the manifest from {registry} doesn't match its digest")
    return digest
