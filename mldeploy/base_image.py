"""The base image's digest: recorded by training, so that every build stands on the same bytes.

A registry is asked without an engine and without a login, as the OCI distribution specification
has it; fingerprints are made of what is recorded, so that a plan needs neither.
"""

import json
import re
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from mldeploy.config import Config
from mldeploy.config.index import unprotected_host
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.fingerprint import registry_digest
from mldeploy.http import Answer, call
from mldeploy.media_types import INDEX_TYPES, MANIFEST_TYPES
from mldeploy.model.bundle import BASE, Bundle, load_bundle

_TIMEOUT = 10.0
_OK, _UNAUTHORIZED = 200, 401
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_HUB = "registry-1.docker.io"
Call = Callable[..., Answer]


class _UnknownError(Exception):
    """The registry gives no digest; the text says why."""


def base_of(config: Config, python: str) -> str:
    """Return the base image as the file names it: AWS's own for a Python without a name."""
    return config.image.base or f"public.ecr.aws/lambda/python:{python}"


def pinned(reference: str, digest: str) -> str:
    """Return `name@digest` of a reference, which some engines refuse with a tag, too."""
    if not digest or "@" in reference:
        return reference
    folder, slash, last = reference.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"


def record_base(reference: str, emit: Emit, call: Call = call) -> dict[str, str]:
    """Return the base image's digest as model.json has it; {} with a warning where it is unknown.

    Args:
        reference: of the base image.
        emit: gets the warning.
        call: sends a request, as `mldeploy.http.call` does.
    """
    if "@" in reference:
        return {}
    try:
        return {"image": reference, "digest": digest_now(reference, call)}
    except (MldeployError, _UnknownError) as error:
        why = error.message if isinstance(error, MldeployError) else str(error)
        emit(
            Note(
                f"the base image {reference} isn't pinned to a digest, so a later build may get "
                f"another one: {why}. `mldeploy build --pull` asks again; a base image behind a "
                'login can be named as [image] base = "…@sha256:…"',
                "warning",
            )
        )
        return {}


def refreshed(config: Config, emit: Emit, call: Call = call) -> Bundle:
    """Record the digest that the base image's tag has now, and return the bundle."""
    from mldeploy.model.record import write_facts

    bundle = load_bundle(config.bundle)
    found = record_base(base_of(config, bundle.python), emit, call)
    if not found or bundle.facts.get(BASE) == found:
        return bundle
    write_facts(bundle.path, {**bundle.facts, BASE: found})
    emit(Note(f"the base image is {found['image']} with {found['digest']}"))
    return load_bundle(config.bundle)


def digest_now(reference: str, call: Call = call) -> str:
    """Return the digest of a tag, that of its index where it has several platforms.

    Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pulling
    manifests"; the login of nobody: https://distribution.github.io/distribution/spec/auth/token/

    Raises:
        MldeployError: MLD5xx where nothing answers.
        _UnknownError: where the answer is no manifest.
    """
    registry, name, tag = _parts(reference)
    host = registry.partition(":")[0]
    scheme = "https" if unprotected_host(f"http://{host}") else "http"
    url = f"{scheme}://{registry}/v2/{name}/manifests/{tag}"
    headers = {"accept": ", ".join((*INDEX_TYPES, *MANIFEST_TYPES))}
    answer = call("GET", url, None, headers, timeout=_TIMEOUT)
    if answer.status == _UNAUTHORIZED:
        headers["authorization"] = f"Bearer {_token(answer, name, call)}"
        answer = call("GET", url, None, headers, timeout=_TIMEOUT)
    if answer.status != _OK:
        raise _UnknownError(f"{registry} answered {answer.status}")
    return _digest_of(answer, registry)


def _parts(reference: str) -> tuple[str, str, str]:
    """Return registry, name and tag as Docker reads a reference."""
    first, slash, rest = reference.partition("/")
    is_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, name = (first, rest) if is_registry else (_HUB, reference)
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    if not is_registry and not folder:
        folder, slash = "library", "/"
    return registry, f"{folder}{slash}{last}", tag or "latest"


def _token(answer: Answer, name: str, call: Call) -> str:
    """Return a token that a registry gives to everybody."""
    asked = answer.headers.get("www-authenticate", "")
    parameters = dict(_PARAMETER.findall(asked)) if asked.startswith("Bearer ") else {}
    realm = parameters.get("realm", "")
    parts = urlsplit(realm)
    if parts.scheme not in {"http", "https"} or unprotected_host(realm):
        raise _UnknownError("its registry wants a login")
    query = {"service": parameters.get("service", ""), "scope": f"repository:{name}:pull"}
    told = call("GET", f"{realm}?{urlencode(query)}", None, timeout=_TIMEOUT).content
    token = (told.get("token") or told.get("access_token")) if isinstance(told, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise _UnknownError("its registry wants a login")
    return token


def _digest_of(answer: Answer, registry: str) -> str:
    """Return the digest of a manifest; what the registry calls it must be the same."""
    digest = registry_digest(answer.body.encode())
    try:
        manifest = json.loads(answer.body)
    except (ValueError, RecursionError):
        manifest = None
    named = answer.headers.get("docker-content-digest", digest)
    if not isinstance(manifest, dict) or "schemaVersion" not in manifest or named != digest:
        raise _UnknownError(f"what {registry} answered isn't the manifest that it names")
    return digest
