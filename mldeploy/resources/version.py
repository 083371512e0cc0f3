"""A published version: an immutable release."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.aws.errors import error_code
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import written
from mldeploy.resources.image_proof import proven
from mldeploy.resources.kind import FUNCTIONS, REPOSITORY, Calls, Inventory, Phase, Stage
from mldeploy.resources.lambda_state import (
    digest_of,
    image_is_gone,
    live_version,
    published_versions,
    release_of,
    release_of_version,
    version_of_release,
)
from mldeploy.resources.meaning import Meaning, is_by_hand
from mldeploy.resources.settling import settled, settled_whole


@dataclass(frozen=True)
class Version:
    """A function's version with a release.

    Attributes:
        function: the function's name.
        release: the release's id, known before anything is deployed.
        repository: of the image, in ECR.
        image: the tag of the release's image.
        description: shown in the console; not compared.
        number: assigned by Lambda.
        meaning: the settings of the release.
    """

    kind: ClassVar[str] = "version"
    phase: ClassVar[Phase] = Phase.BEFORE_SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("ecr:DescribeImages",), REPOSITORY),
        Calls(
            (
                *("lambda:DeleteFunction", "lambda:GetFunction", "lambda:InvokeFunction"),
                *("lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:PublishVersion"),
                "lambda:UpdateFunctionConfiguration",
            ),
            FUNCTIONS,
        ),
    )

    function: str
    release: str = ""
    repository: str = field(default="", compare=False)
    image: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    number: str = field(default="", compare=False)
    meaning: Meaning | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The function's name: it has one desired release."""
        return f"{self.function}@{self.release}"

    @classmethod
    def desired(cls, stage: Stage) -> "list[Version]":
        """Return one per function, with its release."""
        notes = {
            stage.config.function_name(one.name): stage.artifact.of(one.name).note
            for one in stage.config.functions
        }
        return [
            cls(
                one.name,
                one.release,
                one.repository,
                one.image,
                notes[one.name],
                meaning=Meaning(one.release, one.settings(), one.repository, one.image),
            )
            for one in stage.of_kind("function")
        ]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Version]":
        """Return none: versions are deleted with their function, and `prune` deletes old ones."""
        del inventory
        return []

    def observe(self, reads: Reads) -> "Version | None":
        """Return the published version with the release and an existing image, or None."""
        live = live_version(self.function, reads)
        if live and self._is_whole(live, reads):
            return Version(self.function, self.release, number=live)
        # Without the function there is no version either; that read is cached.
        if reads.read("lambda", "get_function", FunctionName=self.function) is None:
            return None
        newest = version_of_release(self.function, self.release, reads)
        if not newest or not self._is_whole(newest, reads):
            return None
        return Version(self.function, self.release, number=newest)

    def _is_whole(self, number: str, reads: Reads) -> bool:
        """Return whether a version is the unchanged release and its image exists."""
        if release_of_version(self.function, number, reads) != self.release:
            return False
        if image_is_gone(self.function, number, self.repository, self.image, reads):
            return False
        return not (self.meaning and is_by_hand(self.function, number, self.meaning, reads))

    def create(self, context: Context) -> None:
        """Publish the function's current state if it matches the release.

        Raises:
            MldeployError: MLD406 if another deploy has changed the function in the meantime.
        """
        step = f"create version {self.name}"
        current = self._current(step, context)
        carried = release_of(current)
        if carried != self.release:
            raise MldeployError(
                "MLD406",
                f"{self.function} has release {carried or 'none'}, not {self.release}: "
                "another deploy changed it in the meantime",
                "let the other deploy end, then run the same command again",
            )
        published = self._published(current["RevisionId"], context)
        if release_of(published) != self.release:
            # Lambda publishes no version if nothing has changed since the last one, even if that
            # one was deleted; a new description is a change. Each publish changes the revision
            # (LocalStack's snapshots of AWS, test_lambda_api).
            current = self._current(step, context)
            context.clients.functions.update_function_configuration(
                FunctionName=self.function,
                Description=f"Deployed by mldeploy, release {self.release}",
                RevisionId=current["RevisionId"],
            )
            current = self._current(step, context)
            published = self._published(current["RevisionId"], context)
        if release_of(published) != self.release:
            raise MldeployError(
                "MLD406",
                f"{self.function} published release {release_of(published) or 'none'} instead of "
                f"{self.release}: another deploy changed it in the meantime",
                "let the other deploy end, then run the same command again",
            )
        settled(self.function, context, step, qualifier=published["Version"])

    def _current(self, step: str, context: Context) -> dict[str, Any]:
        """Return the function's configuration once it is stable and has the release's image.

        Two concurrent deploys could otherwise combine one's image with the other's release. Image
        and revision come from the same response, so they are consistent.

        Raises:
            MldeployError: MLD406 if it has another image.
        """
        found = settled_whole(self.function, context, step)
        wanted = written(self.repository, self.image, bool, context, find=proven)
        if wanted is None or digest_of(found["Code"]) != wanted["imageDigest"]:
            raise MldeployError(
                "MLD406",
                f"{self.function} isn't on the image {self.image}: another deploy changed it "
                "meanwhile",
                "let the other deploy end, then run the same command again",
            )
        current: dict[str, Any] = found["Configuration"]
        return current

    def _published(self, revision: str, context: Context) -> dict[str, Any]:
        """Publish; Lambda rejects it (412) if anything has changed since the revision was read."""
        known = published_versions(self.function, context.reads)
        found: dict[str, Any] = context.clients.functions.publish_version(
            FunctionName=self.function, Description=self.description[:256], RevisionId=revision
        )
        # The response is the same as in the list of versions (botocore's lambda model,
        # FunctionConfiguration).
        others = [one for one in known if one["Version"] != found["Version"]]
        context.clients.observation.remember(
            "lambda",
            "list_versions_by_function",
            {"Versions": [*others, found]},
            FunctionName=self.function,
        )
        return found

    def update(self, before: "Version", context: Context) -> None:
        """Do nothing: a version can't change."""

    def delete(self, context: Context) -> None:
        """Delete this version."""
        number = version_of_release(self.function, self.release, context.reads)
        if number:
            delete_version(self.function, number, context)


def delete_version(function: str, number: str, context: Context) -> None:
    """Delete a published version; Lambda rejects it while an alias refers to it."""
    with missing_is_fine():
        context.clients.functions.delete_function(FunctionName=function, Qualifier=number)


def delete_unused(function: str, number: str, context: Context) -> bool:
    """Delete a published version and return whether it is gone; Lambda keeps those of aliases.

    Lambda's refusal is a ResourceConflictException (DeleteFunction API reference).
    """
    try:
        delete_version(function, number, context)
    except Exception as error:
        if error_code(error) == "ResourceConflictException":
            return False
        raise
    return True
