"""The documents of every image: bill of materials and provenance."""

from mldeploy.images import provenance, sbom
from mldeploy.images.attachments import Document
from mldeploy.images.spec import ImageSpec


def documents_of(spec: ImageSpec, digest: str) -> tuple[Document, ...]:
    """Return the bill of materials and the statement of provenance of an image."""
    return (
        Document(sbom.MEDIA_TYPE, sbom.sbom(spec, digest)),
        Document(provenance.MEDIA_TYPE, provenance.provenance(spec, digest)),
    )
