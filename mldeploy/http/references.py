"""References of images, by Docker's rules."""

from dataclasses import dataclass

from mldeploy.text.addresses import unprotected_host

_HUB = "registry-1.docker.io"


@dataclass(frozen=True)
class Reference:
    """Where an image is.

    Attributes:
        root: the URL of its registry.
        name: of its repository.
        version: its digest, or else its tag.
    """

    root: str
    name: str
    version: str


def parsed(reference: str) -> Reference:
    """Return where a reference such as "python:3.12" or "host:5000/a/b@sha256:…" leads."""
    named, _, digest = reference.partition("@")
    first, slash, rest = named.partition("/")
    is_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, name = (first, rest) if is_registry else (_HUB, named)
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    if not is_registry and not folder:
        folder, slash = "library", "/"
    return Reference(_url_of(registry), f"{folder}{slash}{last}", digest or tag or "latest")


def _url_of(registry: str) -> str:
    """Return a registry's URL; this machine's own may have no certificate."""
    host = registry.partition(":")[0]
    scheme = "https" if unprotected_host(f"http://{host}") else "http"
    return f"{scheme}://{registry}"
