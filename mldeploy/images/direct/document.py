"""Creates an image's configuration and manifest from the base's and our layers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.facts.media_types import (
    DOCKER_CONFIGURATION,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    OCI_CONFIGURATION,
    OCI_LAYER,
    OCI_MANIFEST,
)
from mldeploy.http.blobs import Blob
from mldeploy.images.direct.layer import Layer
from mldeploy.text.digests import registry_digest

_FAMILIES = {
    DOCKER_MANIFEST: (DOCKER_CONFIGURATION, DOCKER_LAYER),
    OCI_MANIFEST: (OCI_CONFIGURATION, OCI_LAYER),
}
_NO_TIME = "1970-01-01T00:00:00Z"
"""With the build time, equal content would be another image."""


@dataclass(frozen=True)
class Base:
    """A base image, as in its registry.

    Attributes:
        name: its name in messages.
        media_type: of its manifest.
        layers: as in its manifest, the lowest first.
        configuration: as in its registry.
    """

    name: str
    media_type: str
    layers: tuple[Mapping[str, Any], ...]
    configuration: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        """The platform's architecture, by its name in Docker."""
        return str(self.configuration.get("architecture", ""))

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Its layers."""
        return tuple(Blob(one["digest"], one["size"]) for one in self.layers)


@dataclass(frozen=True)
class Container:
    """Settings of the image's containers, in addition to the base's.

    Attributes:
        variables: of the environment.
        command: the arguments of the base's entry point.
        labels: of the image.
    """

    variables: Mapping[str, str]
    command: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Documents:
    """An image's configuration and manifest; `media_type` is the manifest's."""

    media_type: str
    configuration: bytes
    manifest: bytes

    @property
    def image_id(self) -> str:
        """The image's id in engines: the configuration's digest."""
        return registry_digest(self.configuration)


def base_from(name: str, media_type: str, manifest: bytes, configuration: bytes) -> Base:
    """Parse a base image's manifest and configuration.

    Raises:
        MldeployError: MLD360 if it isn't an image for one platform, or if Lambda doesn't support
            the type of its layers.
    """
    try:
        content = json.loads(manifest)
        media_type = str(content.get("mediaType", media_type))
        base = Base(name, media_type, tuple(content["layers"]), json.loads(configuration))
        kinds = {one["mediaType"] for one in base.layers}
        count = len(base.configuration["rootfs"]["diff_ids"])
        whole = all(isinstance(one.size, int) and one.digest for one in base.blobs)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise unusable(name, "its manifest or its configuration can't be read") from error
    if media_type not in _FAMILIES:
        raise unusable(name, f"its manifest is of the type {media_type}")
    if not kinds <= {DOCKER_LAYER, OCI_LAYER}:
        # AWS Lambda developer guide, "Create a Lambda function using a container image", and
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
        raise unusable(name, f"it has layers of the type {min(kinds - {DOCKER_LAYER, OCI_LAYER})}")
    if count != len(base.layers) or not whole:
        raise unusable(name, "its manifest and its configuration list different layers")
    return base


def unusable(name: str, why: str) -> MldeployError:
    """Return the error for an unsupported base image."""
    return MldeployError(
        "MLD360",
        f"the base image {name} can't be used without an engine: {why}",
        "set another base image in [image] base, or build with Docker: --builder docker",
    )


def documents(base: Base, layers: Iterable[tuple[str, Layer]], container: Container) -> Documents:
    """Return an image's configuration and manifest.

    Args:
        base: its base image.
        layers: names and layers, the lowest first.
        container: settings of its containers.
    """
    added = tuple(layers)
    configuration = _bytes(_configuration(base, added, container))
    kind, layer_kind = _FAMILIES[base.media_type]
    manifest = {
        "schemaVersion": 2,
        "mediaType": base.media_type,
        "config": _part(kind, registry_digest(configuration), len(configuration)),
        "layers": [
            # Some engines mix the families, which Lambda refuses; the bytes are the same.
            *(_part(layer_kind, one.digest, one.size) for one in base.blobs),
            *(_part(layer_kind, one.digest, one.size) for _, one in added),
        ],
    }
    return Documents(base.media_type, configuration, _bytes(manifest))


def _configuration(
    base: Base, added: tuple[tuple[str, Layer], ...], container: Container
) -> dict[str, Any]:
    below = base.configuration
    settings = dict(below.get("config") or {})
    before = dict(one.partition("=")[::2] for one in settings.get("Env") or [])
    variables = {**before, **container.variables}
    settings["Env"] = [f"{name}={value}" for name, value in variables.items()]
    settings["Cmd"] = list(container.command)
    settings["Labels"] = {**(settings.get("Labels") or {}), **container.labels}
    kept = ("architecture", "os", "variant", "os.version")
    return {
        **{name: below[name] for name in kept if name in below},
        "created": _NO_TIME,
        "config": settings,
        "rootfs": {
            "type": "layers",
            "diff_ids": [*below["rootfs"]["diff_ids"], *(one.diff_id for _, one in added)],
        },
        "history": [
            *(below.get("history") or []),
            *({"created": _NO_TIME, "created_by": f"mldeploy: {what}"} for what, _ in added),
        ],
    }


def _part(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "size": size, "digest": digest}


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
