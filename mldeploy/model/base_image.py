"""The base image's digest, recorded at training so that every build uses the same base.

The registry is read without an engine and without a login (OCI distribution specification).
Fingerprints use the recorded digest, so that a plan needs no registry.
"""

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.http.call import call
from mldeploy.http.registry import Call, UnknownDigestError, digest_now
from mldeploy.model.bundle import BASE, Bundle, load_bundle


def base_of(config: Config, python: str) -> str:
    """Return the base image as the file names it: AWS's own for a Python without a name."""
    return config.image.base or f"public.ecr.aws/lambda/python:{python}"


def pinned(reference: str, digest: str) -> str:
    """Return `name@digest` of a reference without its tag, because some engines reject both."""
    if not digest or "@" in reference:
        return reference
    folder, slash, last = reference.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"


def record_base(reference: str, emit: Emit, call: Call = call) -> dict[str, str]:
    """Return the base image's digest for model.json; {} with a warning if it is unknown.

    Args:
        reference: of the base image.
        emit: receives the warning.
        call: sends a request, as `mldeploy.http.call.call` does.
    """
    if "@" in reference:
        return {}
    try:
        return {"image": reference, "digest": digest_now(reference, call)}
    except (MldeployError, UnknownDigestError) as error:
        why = error.message if isinstance(error, MldeployError) else str(error)
        emit(
            Note(
                f"the base image {reference} isn't pinned to a digest, so a later build may get "
                f"another image: {why}. `mldeploy build --pull` tries again; a base image behind a "
                'login can be set as [image] base = "…@sha256:…"',
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
