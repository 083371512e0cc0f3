"""Engines whose pushes arrive in the emulated ECR, with Docker's own store or containerd's."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from tests.faults.world import World
from tests.strict.aws import StrictAws
from tests.strict.images import index_of, manifest_of, mixed_manifest_of
from tests.support.engine_api import FakeApi
from tests.support.registry_api import RegistryApi


class Engine(FakeApi):
    """An engine whose pushes arrive in the emulated ECR.

    Attributes:
        where: the world with that ECR.
        makes: what it pushes: "docker", "mixed", "index" or "mixed index".
        platform: of the image in an index.
        tells: the digest that it reports; the true one if "", none if None.
        while_building: is called once the context has been read.
        registry: takes the documents beside an image.
    """

    def __init__(self, where: World, makes: str = "docker") -> None:
        super().__init__()
        self.where = where
        self.makes = makes
        self.platform = "amd64"
        self.tells: str | None = ""
        self.while_building: Callable[[], object] = lambda: None
        self.labels: dict[str, str] = {}
        self.registry = RegistryApi()
        # What the golden examples of `write_bundle` expect.
        self.log = b'[{"predictions": [{"value": 1.0}], "problems": []}]\n'

    def build(self, **given: Any) -> Iterator[dict[str, Any]]:
        given["fileobj"].read()
        self.labels = given["labels"]
        self.while_building()
        self.facts["Id"] = self.image_id()
        return super().build(**given)

    @property
    def fingerprint(self) -> str:
        """The image's, as its label says."""
        return self.labels["mldeploy.fingerprint"]

    def image_id(self) -> str:
        """Return what the engine calls the image: its configuration, or what it would push."""
        if self.makes == "docker":
            return str(json.loads(manifest_of(self.fingerprint)[0])["config"]["digest"])
        return sha256(self.manifests()[-1][0])

    def manifests(self) -> list[tuple[str, str]]:
        """Return what a push sends, the last one under the tag."""
        image = manifest_of(self.fingerprint)
        if "mixed" in self.makes:
            image = mixed_manifest_of(self.fingerprint)
        if "index" not in self.makes:
            return [image]
        return [image, index_of(sha256(image[0]), self.platform)]

    def push(self, _uri: str, _tag: str, **given: Any) -> Iterator[dict[str, Any]]:
        for event in super().push(_uri, _tag, **given):
            if "aux" not in event:
                yield event
                continue
            digest = self.put(_uri.partition("/")[2], _tag)
            if self.tells is None:
                return
            if self.makes == "docker":
                yield {"aux": {"Digest": self.tells or digest}}
            else:  # a containerd store (28.5.2)
                yield {"status": f"{_tag}: digest: {self.tells or digest} size: 967"}

    def put(self, repository: str, tag: str) -> str:
        """Put what was built into ECR; return its digest."""
        configuration = manifest_of(self.fingerprint)[0]
        blob = json.loads(configuration)["config"]["digest"]
        self.where.aws.state.blobs[blob] = {"config": {"Labels": self.labels}}
        *children, (last, media_type) = self.manifests()
        for text, kind in children:
            put_manifest(self.where.aws, repository, text, kind)
        put_manifest(self.where.aws, repository, last, media_type, imageTag=tag)
        return sha256(last)


def sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def put_manifest(aws: StrictAws, repository: str, text: str, kind: str, **more: str) -> None:
    """Put a manifest as a push does; one that is there already is fine."""
    ecr = aws.client("ecr")
    with suppress(ClientError):
        ecr.put_image(
            repositoryName=repository, imageManifest=text, imageManifestMediaType=kind, **more
        )
