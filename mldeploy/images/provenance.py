"""An image's SLSA provenance: an unsigned in-toto statement.

Sources: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md;
https://slsa.dev/spec/v1.0/provenance
"""

import json
from collections.abc import Iterator
from typing import Any

from mldeploy import __version__
from mldeploy.images.sbom import requirements
from mldeploy.images.spec import ImageSpec
from mldeploy.model.forms import served
from mldeploy.text.digests import digest_of

MEDIA_TYPE = "application/vnd.in-toto+json"
_BUILD_TYPE = "urn:mldeploy:image-build:1"
_BUILDER = "urn:mldeploy:builder"


def provenance(spec: ImageSpec, digest: str) -> bytes:
    """Return an image's provenance statement.

    Args:
        spec: the recipe that the image was built from.
        digest: of its manifest, "sha256:…".
    """
    algorithm, _, value = digest.partition(":")
    body = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": spec.project, "digest": {algorithm: value}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {
                    "project": spec.project,
                    "fingerprint": spec.fingerprint,
                    "platform": spec.platform,
                    "python": spec.python,
                },
                "internalParameters": {},
                "resolvedDependencies": list(_dependencies(spec)),
            },
            "runDetails": {
                "builder": {"id": _BUILDER, "version": {"mldeploy": __version__}},
                "metadata": {"invocationId": spec.fingerprint},
            },
        },
    }
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def _dependencies(spec: ImageSpec) -> Iterator[dict[str, Any]]:
    """Yield the build's inputs as resource descriptors."""
    name, _, digest = spec.base.partition("@")
    base: dict[str, Any] = {"name": "base image", "uri": f"docker://{name}"}
    yield {**base, "digest": {"sha256": digest.partition(":")[2]}} if digest else base
    lines = "\n".join(requirements(spec)) + "\n"
    yield {"name": "requirements.txt", "digest": {"sha256": digest_of(lines.encode())}}
    facts = spec.facts
    if facts.get("model"):
        yield {"name": "model", "digest": {"sha256": served(facts)["sha256"]}}
    if facts.get("data_sha256"):
        yield {"name": "training data", "digest": {"sha256": facts["data_sha256"]}}
    source = facts.get("provenance", {})
    if source.get("git"):
        yield {
            "name": "source",
            "digest": {"gitCommit": source["git"]},
            "annotations": {"changed": source.get("git_dirty")},
        }
