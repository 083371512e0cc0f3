"""What an image is to the embedded AWS: a manifest in its ECR, and a configuration beside it.

The configuration is what an image's configuration is to a registry (OCI image specification), and
says besides where the image is on this machine: in the Docker engine, or as a staged folder.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.facts.media_types import DOCKER_CONFIGURATION, DOCKER_MANIFEST
from mldeploy.fingerprint import is_registry_digest, registry_digest

_HERE = "mldeploy"


@dataclass(frozen=True)
class HereImage:
    """Where an image is on this machine.

    Attributes:
        engine: its id in the Docker engine, or "".
        folder: the staged folder, or "".
        variables: what the image sets.
        absent: top-level modules that are installed here and not in the image.
        python: the interpreter that runs a staged folder: the one that staged it, whose packages
            it was held to. Another one may have started the embedded AWS.
    """

    engine: str = ""
    folder: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    python: str = ""


def store(cloud: Path, image: HereImage, labels: dict[str, str], architecture: str) -> str:
    """Keep an image's configuration; return a manifest that names it."""
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
    """Return where a configuration is kept.

    Raises:
        FileNotFoundError: for what is no digest, and would lead to another folder.
    """
    if not is_registry_digest(digest):
        raise FileNotFoundError(digest)
    return cloud / "blobs" / f"{digest.removeprefix('sha256:')}.json"


def locate(cloud: Path, manifest: str) -> HereImage:
    """Return where the image of a manifest is.

    Raises:
        OSError: nobody keeps its configuration.
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
    """Return the ids of the engine's images that functions of an embedded AWS may run."""
    found = set()
    for path in (cloud / "blobs").glob("*.json"):
        with suppress(OSError, ValueError, KeyError):
            found.add(str(json.loads(path.read_bytes())[_HERE]["engine"]))
    return frozenset(found - {""})
