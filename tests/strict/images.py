"""Image manifests without images."""

import hashlib
import json

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
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
