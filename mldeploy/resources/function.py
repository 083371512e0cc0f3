"""A Lambda function made from an image."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.aws.errors import error_code
from mldeploy.resources.base import TAG_MAP, Context, Reads, Tags, known_tags, require_ours
from mldeploy.resources.ecr_images import tags_of
from mldeploy.resources.function_desired import fields_of, with_release
from mldeploy.resources.function_settings import (
    Settings,
    configuration_of,
    decided,
    read_settings,
    settings_of,
)
from mldeploy.resources.image_proof import deployable_uri, proven
from mldeploy.resources.kind import FUNCTIONS, REPOSITORY, Calls, Inventory, Phase, Stage
from mldeploy.resources.lambda_state import (
    RELEASE,
    concurrency_explained,
    digest_of,
    release_of,
    with_role_patience,
)
from mldeploy.resources.openings import close, openings_of, reset_asynchronous
from mldeploy.resources.risk import RISK, endangers, more
from mldeploy.resources.role_calls import to_lambda
from mldeploy.resources.settling import DELETING, failed_update, gone, is_being_deleted, settled

Variables = tuple[tuple[str, str], ...]
DESCRIPTION = "Deployed by mldeploy"


@dataclass(frozen=True)
class Function:
    """A function's newest code and configuration ($LATEST in Lambda).

    Attributes:
        name: in Lambda.
        role: ARN of its execution role.
        repository: the ECR repository's name.
        image: the image's tag; observed, the bare digest where no tag names it.
        architecture: "x86_64" or "arm64".
        memory: MB.
        timeout: seconds.
        ephemeral_storage: MB of /tmp.
        environment: sorted variables, MLDEPLOY_RELEASE among them.
        command: the image's command: the handler.
        overridden: what somebody overrode of the image besides: its entry point, its folder.
        log_group: where it logs.
        log_format: "Text", for the endpoint's lines are JSON themselves.
        vpc: sorted ids of the subnets and security groups that it is attached to.
        dead_letter: ARN of where asynchronous events go that failed, or "".
        tracing: whether X-Ray traces it.
        mounts: file systems that somebody mounted.
        snap_start: whether somebody has Lambda take snapshots of its versions.
        opened: ways into it that aren't ours: URLs, permissions of others (see `openings`).
        asynchronous: settings of asynchronous invocations; we have none.
        reserved: the most executions at once, also the ones that no other function can take; None
            for the account's. It belongs to the function and to no version, so not to a release.
        healthy: False where Lambda failed to create it; it must then be made anew.
        failed_update: why the last update failed, until another one repairs it.
        tags: ours and the user's.
        digest: of the image that Lambda runs.
        kept: ids of statements that others put into its policies, and that stay.
    """

    kind: ClassVar[str] = "function"
    phase: ClassVar[Phase] = Phase.BEFORE_SHIFT
    proof: ClassVar[str] = "its description, and the release in its environment"
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("ecr:DescribeImages", "ecr:DescribeRepositories"), REPOSITORY),
        Calls(("iam:PassRole",), ("{role}",), "PassRole", when=to_lambda),
        Calls(
            (
                *("lambda:CreateFunction", "lambda:DeleteFunction", "lambda:GetFunction"),
                *("lambda:DeleteFunctionConcurrency", "lambda:PutFunctionConcurrency"),
                *("lambda:DeleteFunctionEventInvokeConfig", "lambda:DeleteFunctionUrlConfig"),
                *("lambda:GetPolicy", "lambda:RemovePermission", "lambda:ListAliases"),
                *("lambda:ListFunctionEventInvokeConfigs", "lambda:ListFunctionUrlConfigs"),
                *("lambda:ListTags", "lambda:TagResource"),
                *("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
            ),
            FUNCTIONS,
        ),
    )

    name: str
    role: str = ""
    repository: str = ""
    image: str = ""
    architecture: str = "x86_64"
    memory: int = 0
    timeout: int = 0
    ephemeral_storage: int = 512
    environment: Variables = field(default=(), metadata={"secret": True}, repr=False)
    command: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    log_group: str = ""
    log_format: str = "Text"
    vpc: tuple[str, ...] = field(default=(), metadata={RISK: endangers})
    dead_letter: str = ""
    tracing: bool = False
    mounts: tuple[str, ...] = field(default=(), metadata={RISK: more})
    snap_start: bool = field(default=False, metadata={RISK: endangers})
    opened: tuple[str, ...] = field(default=(), metadata={RISK: more})
    asynchronous: tuple[str, ...] = ()
    reserved: int | None = None
    healthy: bool = True
    failed_update: str = ""
    tags: Tags = ()
    digest: str = field(default="", compare=False)
    kept: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def desired(cls, stage: Stage) -> "list[Function]":
        """Return the file's functions, each with the id of the release that it carries."""
        plain = [cls(**fields_of(one, stage)) for one in stage.config.functions]
        return [replace(one, environment=with_release(one, stage.config)) for one in plain]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Function]":
        """Return all of the inventory."""
        return [cls(one, tags=inventory.config.tags) for one in inventory.functions]

    def observe(self, reads: Reads) -> "Function | None":
        """Read configuration, image and tags, which Lambda gives in one call."""
        answer = reads.read("lambda", "get_function", FunctionName=self.name)
        if answer is None:
            return None
        found = answer["Configuration"]
        if found.get("State") == DELETING:
            return None
        tags = answer.get("Tags", {})
        tagging = f"aws lambda tag-resource --resource {found['FunctionArn']}"
        ours = bool(release_of(found)) and found.get("Description", "").startswith(DESCRIPTION)
        require_ours(self, tags, tagging=tagging, form=TAG_MAP, proven=ours)
        uri = answer["Code"].get("ResolvedImageUri") or answer["Code"].get("ImageUri", "")
        digest = digest_of(answer["Code"])
        repository = _repository_of(uri)
        opened, asynchronous = openings_of(self.name, self.kept, reads)
        return Function(
            name=self.name,
            repository=repository,
            image=self._tag_or_digest(repository, digest, reads),
            architecture=found.get("Architectures", ["x86_64"])[0],
            **read_settings(found),
            opened=opened,
            asynchronous=asynchronous,
            reserved=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            healthy=found.get("State") != "Failed",
            failed_update=failed_update(found),
            tags=known_tags(self.tags, tags),
            digest=digest,
        )

    def _tag_or_digest(self, repository: str, digest: str, reads: Reads) -> str:
        """Name what runs by our tag if ECR has that tag at this digest."""
        if self.image:
            ours = proven(repository, self.image, reads)
            if ours and ours["imageDigest"] == digest:
                return self.image
        # An image that isn't proved to be ours is another one, whatever its tag.
        tags = [one for one in tags_of(repository, digest, reads) if one != self.image]
        return tags[0] if tags else digest

    def create(self, context: Context) -> None:
        """Create it by digest, waiting for its role to spread, and until it is active.

        Where one of its name is still being deleted, it waits for the end of that.
        """
        step = f"create function {self.name}"
        try:
            self._make(step, context)
        except Exception as error:
            conflict = error_code(error) == "ResourceConflictException"
            if not conflict or not is_being_deleted(self.name, context):
                raise
            gone(self.name, context, step)
            self._make(step, context)
        settled(self.name, context, step)
        if self.reserved is not None:
            self._reserve(context)

    def _make(self, step: str, context: Context) -> None:
        uri = deployable_uri(self.repository, self.image, context)
        with_role_patience(
            lambda: context.clients.functions.create_function(
                FunctionName=self.name,
                PackageType="Image",
                Code={"ImageUri": uri},
                Architectures=[self.architecture],
                Tags=dict(self.tags),
                Description=DESCRIPTION,
                **configuration_of(self, Function(self.name)),
            ),
            context,
            step,
            self.role,
        )

    def update(self, before: "Function", context: Context) -> None:
        """Close ways in, change code, then configuration, then tags: each only if it differs.

        Between code and configuration Lambda must have ended the first update, or it answers
        ResourceConflictException. An update that failed is made anew with the code, whatever it
        was: each later update is one more try.
        """
        if not before.healthy:
            self.delete(context)
            self.create(context)
            return
        close(self.name, before.opened, context)
        reset_asynchronous(self.name, before.asynchronous, context)
        step = f"update function {self.name}"
        new_code = before.code != self.code
        anew = new_code or bool(before.failed_update)
        if anew:
            self._update_code(step, context)
        if before.settings() != self.settings():
            # What failed before this run is repaired by its first update; what failed since isn't.
            self._update_configuration(before, step, context, first=not anew)
        if before.settings() != self.settings() or anew:
            settled(self.name, context, step)
        if before.tags != self.tags:
            arn = context.account.arn("lambda", f"function:{self.name}")
            context.clients.functions.tag_resource(Resource=arn, Tags=dict(self.tags))
        if before.reserved != self.reserved:
            self._reserve(context)

    def _update_code(self, step: str, context: Context) -> None:
        uri = deployable_uri(self.repository, self.image, context)
        revision = settled(self.name, context, step, before_update=True)["RevisionId"]
        with_role_patience(
            lambda: context.clients.functions.update_function_code(
                FunctionName=self.name,
                ImageUri=uri,
                Architectures=[self.architecture],
                Publish=False,
                RevisionId=revision,
            ),
            context,
            step,
            self.role,
        )

    def _update_configuration(
        self, before: "Function", step: str, context: Context, *, first: bool
    ) -> None:
        revision = settled(self.name, context, step, before_update=first)["RevisionId"]
        with_role_patience(
            lambda: context.clients.functions.update_function_configuration(
                FunctionName=self.name, RevisionId=revision, **configuration_of(self, before)
            ),
            context,
            step,
            self.role,
        )

    def _reserve(self, context: Context) -> None:
        functions = context.clients.functions
        if self.reserved is None:
            functions.delete_function_concurrency(FunctionName=self.name)
            return
        with concurrency_explained(self.name, "reserved_concurrency"):
            functions.put_function_concurrency(
                FunctionName=self.name, ReservedConcurrentExecutions=self.reserved
            )

    @property
    def code(self) -> tuple[str, str, str]:
        """What UpdateFunctionCode sets."""
        return self.repository, self.image, self.architecture

    @property
    def release(self) -> str:
        """The id of the release that it carries, or ""."""
        return dict(self.environment).get(RELEASE, "")

    def settings(self) -> Settings:
        """Return what UpdateFunctionConfiguration sets, and a version keeps."""
        return settings_of(self)

    def decided(self) -> Settings:
        """Return what a release decides of it."""
        return decided(self)

    def delete(self, context: Context) -> None:
        """Delete it with its versions and aliases."""
        with missing_is_fine():
            context.clients.functions.delete_function(FunctionName=self.name)


def _repository_of(uri: str) -> str:
    """Return the repository's name out of `registry/name@sha256:…`."""
    return uri.partition("@")[0].partition("/")[2]
