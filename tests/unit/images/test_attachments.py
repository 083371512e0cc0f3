"""Documents beside an image: what they say, and that a registry gets them whole."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import RepositoryTarget
from mldeploy.images.docker import DockerBuilder
from mldeploy.images.documents import documents_of
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.model.bundle import load_bundle
from tests.support.engine_api import FakeApi
from tests.support.projects import WHEEL, write_bundle, write_project
from tests.support.registry_api import HOST, RegistryApi, digest_of

DIGEST = "sha256:" + "a" * 64
SUBJECT = Subject(DIGEST, "application/vnd.docker.distribution.manifest.v2+json", 123)
BASE = {"image": "public.ecr.aws/lambda/python:3.12", "digest": "sha256:" + "b" * 64}


@pytest.fixture
def spec(tmp_path: Path) -> ImageSpec:
    root = write_project(tmp_path)
    write_bundle(root / "model", base=BASE, data_sha256="d" * 64)
    (root / "features.py").write_text("x = 1\n")
    config = load_config(root, environ={"MLDEPLOY_IMAGE__INCLUDE": "features.py"})
    return image_spec(config, load_bundle(config.bundle))


def told(spec: ImageSpec) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the bill and the statement."""
    bill, statement = documents_of(spec, DIGEST)
    return json.loads(bill.content), json.loads(statement.content)


def test_the_bill_follows_cyclonedx(spec: ImageSpec) -> None:
    """By the validator and the schema of CycloneDX's own library; what isn't allowed is seen."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    bill, _ = told(spec)
    assert validator.validate_str(json.dumps(bill)) is None
    for changed in ({**bill, "models": []}, {**bill, "serialNumber": "7"}):
        assert validator.validate_str(json.dumps(changed)) is not None


def test_the_bill_names_all_that_went_in(spec: ImageSpec) -> None:
    """Packages with their wheels, the base, the project's files, the model and its data."""
    bill, _ = told(spec)
    parts = {one["bom-ref"]: one for one in bill["components"]}
    package = parts["pkg:pypi/scikit-learn@1.9.1"]
    assert (package["type"], package["hashes"][0]["content"]) == ("library", WHEEL)
    assert parts["base"]["version"] == BASE["digest"]
    assert parts["file:features.py"]["hashes"][0]["content"] == digest_of(b"x = 1\n")[7:]
    model = parts["model"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"][0]["content"] == digest_of(b"a model")[7:]
    card = model["modelCard"]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [{"type": "r2", "value": "1.0"}]
    assert card["modelParameters"]["datasets"] == [{"ref": "training-data"}]
    assert parts["training-data"]["hashes"][0]["content"] == "d" * 64
    assert bill["metadata"]["component"]["hashes"][0]["content"] == DIGEST[7:]


def test_the_statement_is_one_of_in_toto(spec: ImageSpec) -> None:
    """Its required fields (in-toto's Statement v1, SLSA's provenance v1), about this image."""
    _, statement = told(spec)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "iris", "digest": {"sha256": DIGEST[7:]}}]
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    build = statement["predicate"]["buildDefinition"]
    assert build["buildType"]
    assert build["externalParameters"]["fingerprint"] == spec.fingerprint
    assert statement["predicate"]["runDetails"]["builder"]["id"]
    used = {one["name"]: one["digest"] for one in build["resolvedDependencies"]}
    assert used["base image"] == {"sha256": BASE["digest"][7:]}
    assert used["model"] == {"sha256": digest_of(b"a model")[7:]}
    assert used["source"] == {"gitCommit": "0123456789abcdef"}
    lock = dict(spec.files)["requirements.txt"]
    assert isinstance(lock, bytes)
    assert used["requirements.txt"] == {"sha256": digest_of(lock)[7:]}


def test_equal_images_have_equal_documents(spec: ImageSpec) -> None:
    """Byte by byte, or a second deploy would find others than the first has left."""
    assert documents_of(spec, DIGEST) == documents_of(replace(spec), DIGEST)


DOCUMENTS = (Document("application/vnd.cyclonedx+json", b"bill"), Document("x/y", b"statement"))
TARGET = RepositoryTarget(f"{HOST[8:]}/team/iris", "AWS", "secret-password", HOST)
TAG = DIGEST.replace(":", "-")


def attach(registry: RegistryApi) -> None:
    DockerBuilder(FakeApi(), registry.send).attach(DOCUMENTS, SUBJECT, TARGET)


@pytest.mark.parametrize("refers", [True, False])
def test_documents_name_their_image(refers: bool) -> None:  # noqa: FBT001 - both kinds of registry
    """Each is a manifest with a subject; an index is for registries that list no referrers."""
    registry = RegistryApi(refers=refers)
    attach(registry)
    manifests = [
        json.loads(text) for kind, text in registry.manifests.values() if "index" not in kind
    ]
    assert {one["artifactType"] for one in manifests} == {one.media_type for one in DOCUMENTS}
    assert {registry.blobs[one["layers"][0]["digest"]] for one in manifests} == {
        b"bill",
        b"statement",
    }
    for one in manifests:
        assert one["subject"] == {
            "digest": DIGEST,
            "mediaType": SUBJECT.media_type,
            "size": SUBJECT.size,
        }
    assert (TAG in registry.manifests) is not refers
    if not refers:
        kind, text = registry.manifests[TAG]
        assert kind == "application/vnd.oci.image.index.v1+json"
        named = {one["digest"] for one in json.loads(text)["manifests"]}
        assert named == {digest_of(json.dumps(one, sort_keys=True).encode()) for one in manifests}


def test_a_second_time_nothing_changes() -> None:
    """A tag is immutable: an index that is there stays."""
    registry = RegistryApi(refers=False)
    attach(registry)
    before = dict(registry.manifests)
    attach(registry)
    assert registry.manifests == before


def test_the_login_goes_to_the_registry_alone() -> None:
    """Where uploads go elsewhere, that place gets none."""
    registry = RegistryApi(uploads_to="https://storage.test")
    attach(registry)
    assert registry.logins == {"registry.test"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_registry_that_refuses_ends_the_push(method: str) -> None:
    """The release's tag isn't given to an image without its documents."""
    registry = RegistryApi(refuses={method: 403})
    with pytest.raises(MldeployError, match="403") as raised:
        attach(registry)
    assert raised.value.code == "MLD354"
    assert "secret-password" not in f"{raised.value.message}{raised.value.hint}"
