"""An image's bill of materials in CycloneDX: packages, base, the project's files, the model.

Equal images have equal bills, which contain no time and no random number.
Source: https://cyclonedx.org/docs/1.6/json/ (the library for it has no model cards).
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mldeploy import __version__
from mldeploy.config.requirement import bare, hashes_of, name_of
from mldeploy.images.spec import ImageSpec
from mldeploy.model.forms import described
from mldeploy.text.digests import digest_of_content

MEDIA_TYPE = "application/vnd.cyclonedx+json"
_SUPERVISED = {"classification", "regression"}
Component = dict[str, Any]


def sbom(spec: ImageSpec, digest: str) -> bytes:
    """Return an image's bill of materials as CycloneDX 1.6 JSON.

    Args:
        spec: the recipe that the image was built from.
        digest: of its manifest, "sha256:…".
    """
    image = {
        "type": "container",
        "bom-ref": "image",
        "name": spec.project,
        "version": spec.fingerprint,
        "purl": f"pkg:oci/{spec.project}@{quote(digest, safe='')}",
        "hashes": _hashes(digest.partition(":")[2]),
    }
    components = [_base(spec), _python(spec), *_model(spec), *_packages(spec), *_files(spec)]
    parts = [one["bom-ref"] for one in components if one["bom-ref"] != "training-data"]
    body = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"mldeploy:{digest}").urn,
        "version": 1,
        "metadata": {
            "tools": {
                "components": [{"type": "application", "name": "mldeploy", "version": __version__}]
            },
            "component": image,
        },
        "components": components,
        "dependencies": [{"ref": "image", "dependsOn": parts}],
        # Only the digest of the base image is known, not its contents.
        "compositions": [{"aggregate": "incomplete", "assemblies": ["base"]}],
    }
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()


def _hashes(*sha256: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": one} for one in sha256 if one]


def _base(spec: ImageSpec) -> Component:
    name, _, digest = spec.base.partition("@")
    found = {"type": "container", "bom-ref": "base", "name": name}
    if not digest:
        return found
    return {**found, "version": digest, "hashes": _hashes(digest.partition(":")[2])}


def _python(spec: ImageSpec) -> Component:
    return {"type": "platform", "bom-ref": "python", "name": "Python", "version": spec.python}


def _model(spec: ImageSpec) -> Iterator[Component]:
    """Yield the model, and the data that it was trained on."""
    facts = spec.facts
    signature = facts.get("signature", {})
    model = described(facts) if facts.get("model") else {}
    if not model:
        return
    data = str(facts.get("data_sha256") or "")
    task = str(signature.get("task", ""))
    parameters: dict[str, Any] = {"task": task} if task else {}
    if task in _SUPERVISED:
        parameters["approach"] = {"type": "supervised"}
    if model.get("estimator"):
        parameters["modelArchitecture"] = str(model["estimator"])
    if data:
        parameters["datasets"] = [{"ref": "training-data"}]
    metrics = sorted(facts.get("metrics", {}).items())
    yield {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": f"{spec.project} model",
        "version": str(model["sha256"])[:12],
        "hashes": _hashes(str(model["sha256"])),
        "modelCard": {
            "modelParameters": parameters,
            "quantitativeAnalysis": {
                "performanceMetrics": [
                    {"type": name, "value": json.dumps(value)} for name, value in metrics
                ]
            },
        },
    }
    if data:
        yield {
            "type": "data",
            "bom-ref": "training-data",
            "name": "training data",
            "description": "The hash is of X and y in memory, not of a file.",
            "hashes": _hashes(data),
            "data": [{"type": "dataset", "name": "training data"}],
        }


def _packages(spec: ImageSpec) -> Iterator[Component]:
    versions = spec.facts.get("versions", {})
    for line in requirements(spec):
        name = name_of(line)
        version = bare(line).partition("==")[2] or str(versions.get(name, ""))
        purl = f"pkg:pypi/{name}@{quote(version, safe='')}"
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "hashes": _hashes(*hashes_of(line)),
        }


def _files(spec: ImageSpec) -> Iterator[Component]:
    """Yield the project's own files."""
    for path, content in spec.files:
        top, _, name = path.partition("/")
        if top == "include":
            found = {"type": "file", "bom-ref": f"file:{name}", "name": name}
            yield {**found, "hashes": _hashes(digest_of_content(content))}


def requirements(spec: ImageSpec) -> list[str]:
    """Return the lines of the image's lock file."""
    content = dict(spec.files).get("requirements.txt", b"")
    text = content.decode() if isinstance(content, bytes) else content.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line]
