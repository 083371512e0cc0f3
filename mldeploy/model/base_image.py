"""The base image's digest, recorded at training so that every build uses the same base.

The registry is read without an engine and without a login (OCI distribution specification).
Fingerprints use the recorded digest, so that a plan needs no registry.
"""

import json
from functools import partial

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.http.blobs import failed
from mldeploy.http.references import parsed
from mldeploy.http.registry import Registry
from mldeploy.http.repository import Repository
from mldeploy.http.streams import answered
from mldeploy.model.bundle import BASE, Bundle, load_bundle
from mldeploy.text.digests import registry_digest

_TIMEOUT = 10.0


def base_of(config: Config, python: str) -> str:
    """Return the base image as the file names it: AWS's own for a Python without a name."""
    return config.image.base or f"public.ecr.aws/lambda/python:{python}"


def pinned(reference: str, digest: str) -> str:
    """Return `name@digest` of a reference without its tag, because some engines reject both."""
    if not digest or "@" in reference:
        return reference
    folder, slash, last = reference.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"


def record_base(reference: str, emit: Emit) -> dict[str, str]:
    """Return the base image's digest for model.json; {} with a warning if it is unknown.

    Args:
        reference: of the base image.
        emit: receives the warning.
    """
    if "@" in reference:
        return {}
    try:
        return {"image": reference, "digest": digest_now(reference)}
    except MldeployError as error:
        emit(
            Note(
                f"the base image {reference} isn't pinned to a digest, so a later build may get "
                f"another image: {error.message}. `mldeploy build --pull` tries again; a base "
                'image behind a login can be set as [image] base = "…@sha256:…"',
                "warning",
            )
        )
        return {}


def digest_now(reference: str) -> str:
    """Return the digest of a tag, which is its index's if there are several platforms.

    Raises:
        MldeployError: MLD358 or MLD359 about the registry, MLD504 and others about the network.
    """
    place = parsed(reference)
    # A training goes on without the digest: nobody waits for a registry that doesn't answer.
    registry = Registry(place.root, send=partial(answered, timeout=_TIMEOUT), attempts=1)
    found = Repository(registry, place.name).manifest(place.version)
    if found is None:
        raise failed(place.root, f"it has no {reference}")
    try:
        manifest = json.loads(found[1])
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or "schemaVersion" not in manifest:
        raise failed(place.root, "what it sent is no manifest")
    return registry_digest(found[1])


def refreshed(config: Config, emit: Emit) -> Bundle:
    """Record the digest that the base image's tag has now, and return the bundle."""
    from mldeploy.model.record import write_facts

    bundle = load_bundle(config.bundle)
    found = record_base(base_of(config, bundle.python), emit)
    if not found or bundle.facts.get(BASE) == found:
        return bundle
    write_facts(bundle.path, {**bundle.facts, BASE: found})
    emit(Note(f"the base image is {found['image']} with {found['digest']}"))
    return load_bundle(config.bundle)
