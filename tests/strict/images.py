"""Image manifests without images."""

import hashlib
import json

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
INDEXES = {INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"}


def manifest_of(content: str, media_type: str = MANIFEST) -> tuple[str, str]:
    """Return a valid manifest that is distinct for distinct content, and its media type."""
    digest = "sha256:" + hashlib.sha256(content.encode()).hexdigest()
    layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 10}
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 10}
    body = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": {**config, "digest": digest},
        "layers": [{**layer, "digest": digest}],
    }
    return json.dumps(body), media_type


def mixed_manifest_of(content: str) -> tuple[str, str]:
    """Return what Docker 28.5 with a containerd store pushes of its classic builder's image.

    Recorded: an OCI manifest; layers of the base that was loaded, of a COPY and of a RUN.
    """
    body = json.loads(manifest_of(content, OCI)[0])
    body["config"]["mediaType"] = "application/vnd.oci.image.config.v1+json"
    digest = body["config"]["digest"]
    body["layers"] = [
        {"mediaType": kind, "size": 10, "digest": digest}
        for kind in (
            "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        )
    ]
    return json.dumps(body, indent=4), OCI


def index_of(digest: str, architecture: str = "amd64") -> tuple[str, str]:
    """Return an index of one image, with an attestation as BuildKit adds it."""
    attestation = {
        "mediaType": OCI,
        "size": 5,
        "digest": "sha256:" + "a" * 64,
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    image = {
        "mediaType": OCI,
        "size": 5,
        "digest": digest,
        "platform": {"os": "linux", "architecture": architecture},
    }
    body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [attestation, image]}
    return json.dumps(body), INDEX
