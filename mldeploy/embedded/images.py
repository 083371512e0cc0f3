"""Images of the embedded AWS: a manifest in its ECR, and a configuration file.

The configuration has the form of the OCI image specification, and also contains the image's
location on this machine: in the Docker engine, or a folder.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.facts.media_types import DOCKER_CONFIGURATION, DOCKER_MANIFEST
from mldeploy.text.digests import is_registry_digest, registry_digest

_HERE = "mldeploy"


@dataclass(frozen=True)
class HereImage:
    """An image's location on this machine.

    Attributes:
        engine: its id in the Docker engine, or "".
        folder: with its files, or "".
        variables: of the image.
        absent: top-level modules that are installed here but not in the image.
        python: the interpreter that copied the files and whose packages were checked. Another
            one may have started the embedded AWS.
    """

    engine: str = ""
    folder: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    python: str = ""


def store(cloud: Path, image: HereImage, labels: dict[str, str], architecture: str) -> str:
    """Store an image's configuration; return a manifest that refers to it."""
    environment = [f"{name}={value}" for name, value in image.variables]
    here = {
        "engine": image.engine,
        "folder": image.folder,
        "absent": list(image.absent),
        "python": image.python,
    }
    configuration = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": labels, "Env": environment},
            _HERE: here,
        },
        sort_keys=True,
    ).encode()
    digest = registry_digest(configuration)
    path = blob(cloud, digest)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(configuration)
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {"mediaType": DOCKER_CONFIGURATION, "size": len(configuration), "digest": digest},
        "layers": [],
    }
    return json.dumps(manifest, sort_keys=True)


def blob(cloud: Path, digest: str) -> Path:
    """Return a configuration's path.

    Raises:
        FileNotFoundError: for an invalid digest, which could lead to another folder.
    """
    if not is_registry_digest(digest):
        raise FileNotFoundError(digest)
    return cloud / "blobs" / f"{digest.removeprefix('sha256:')}.json"


def locate(cloud: Path, manifest: str) -> HereImage:
    """Return the location of a manifest's image.

    Raises:
        OSError: its configuration is missing.
    """
    digest = json.loads(manifest)["config"]["digest"]
    found = json.loads(blob(cloud, digest).read_bytes())
    here = found[_HERE]
    pairs = (one.partition("=") for one in found["config"]["Env"])
    return HereImage(
        here["engine"],
        here["folder"],
        tuple((name, value) for name, _, value in pairs),
        tuple(here["absent"]),
        here["python"],
    )


def engine_images(cloud: Path) -> frozenset[str]:
    """Return the ids of the engine's images that functions of an embedded AWS use."""
    found = set()
    for path in (cloud / "blobs").glob("*.json"):
        with suppress(OSError, ValueError, KeyError):
            found.add(str(json.loads(path.read_bytes())[_HERE]["engine"]))
    return frozenset(found - {""})
