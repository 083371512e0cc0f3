"""Media types in a registry, of Docker and of OCI.

Sources: https://github.com/opencontainers/image-spec/blob/main/media-types.md; distribution's
manifest/schema2 and manifest/manifestlist.
"""

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIGURATION = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIGURATION = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST_TYPES = (DOCKER_MANIFEST, OCI_MANIFEST)
"""Of a single image."""
INDEX_TYPES = (DOCKER_INDEX, OCI_INDEX)
