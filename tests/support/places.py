"""A project, its account and a machine that deploys it: whose images are they?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mldeploy.config.file import load_config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.images.kept import Pushed
from tests.strict.aws import ACCOUNT, REGION, StrictAws
from tests.strict.images import manifest_of
from tests.support.commands import Command
from tests.support.runtime import Runtime
from tests.support.stacks import RegistryOnly

REPOSITORY, DEV, PROD = "mldeploy/iris", "mldeploy_iris_dev_predict", "mldeploy_iris_prod_predict"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"
OWN = '\n[stages.prod.image]\nrepository = "stage"\n'


class Machine(RegistryOnly):
    """A builder whose engine may be missing."""

    engine = True
    caches: list[str]

    def check(self, spec: Any) -> list[str]:
        if not self.engine:
            raise MldeployError(
                "MLD301", "no Docker engine answers", "start it", exit_code=ExitCode.DOCKER
            )
        return super().check(spec)

    def build(self, spec: Any, emit: Any, options: Any = None) -> Any:
        self.caches.append(options.cache[0] if options and options.cache else "")
        return super().build(spec, emit, options)


@dataclass
class Place:
    """A project, the account that it is deployed to, and the machine that deploys it."""

    aws: StrictAws
    root: Path
    command: Command
    runtime: Runtime
    builder: Machine
    patch: pytest.MonkeyPatch
    homes: list[Path]

    def elsewhere(self) -> None:
        """Go on at a machine that has pushed nothing."""
        self.homes.append(self.root.parent / f"home-{len(self.homes)}")
        self.patch.setenv("XDG_STATE_HOME", str(self.homes[-1]))

    def tag(self) -> str:
        """Return what a deploy would call its image."""
        (source,) = artifact_of_bundles(load_config(self.root)).sources
        return source.tag

    def put(self, tag: str, text: str, media_type: str, repository: str = REPOSITORY) -> str:
        """Push a manifest as anybody may who has the right to."""
        done = self.aws.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=text,
            imageManifestMediaType=media_type,
            imageTag=tag,
        )
        return str(done["image"]["imageId"]["imageDigest"])

    def untag(self, tag: str) -> None:
        self.aws.client("ecr").batch_delete_image(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
        )

    def record(self, digest: str, **other: str) -> None:
        """Note that this machine has pushed a digest somewhere."""
        place = {"account": ACCOUNT, "region": REGION, "repository": REPOSITORY, **other}
        Pushed(**{"tag": self.tag(), **place}).record(digest)

    def digest_of(self, tag: str) -> str:
        (found,) = self.aws.client("ecr").describe_images(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
        )["imageDetails"]
        return str(found["imageDigest"])

    def served(self, name: str = DEV) -> str:
        """Return the digest of what an alias serves, or ""."""
        functions = self.aws.client("lambda")
        try:
            version = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        except ClientError:
            return ""
        code = functions.get_function(FunctionName=name, Qualifier=version)["Code"]
        return str(code["ResolvedImageUri"].rpartition("@")[2])


def foreign(place: Place) -> str:
    """Put a foreign image under the tag that the next deploy looks for."""
    return place.put(place.tag(), *manifest_of("evil"))
