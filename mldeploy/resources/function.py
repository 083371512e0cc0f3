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
        image: the image's tag; if observed without a tag, the digest.
        architecture: "x86_64" or "arm64".
        memory: MB.
        timeout: seconds.
        ephemeral_storage: MB of /tmp.
        environment: sorted variables, MLDEPLOY_RELEASE among them.
        command: the image's command: the handler.
        overridden: other image settings overridden manually: entry point, working directory.
        log_group: where it logs.
        log_format: "Text", because the endpoint's log lines are already JSON.
        vpc: sorted ids of its subnets and security groups.
        dead_letter: ARN of the dead-letter target of failed asynchronous events, or "".
        tracing: whether X-Ray traces it.
        mounts: file systems mounted manually.
        snap_start: whether SnapStart was enabled manually.
        opened: other ways to invoke it: function URLs, other permissions (see `openings`).
        asynchronous: settings of asynchronous invocations; mldeploy sets none.
        reserved: its reserved concurrency; None for the account's unreserved concurrency. It
            belongs to the function, not to a version, so it isn't part of a release.
        healthy: False if Lambda failed to create it; it must then be created again.
        failed_update: why the last update failed, until another one repairs it.
        tags: ours and the user's.
        digest: of the image that Lambda runs.
        kept: ids of other policy statements to keep.
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
        """Return the configured functions, each with its release's id."""
        plain = [cls(**fields_of(one, stage)) for one in stage.config.functions]
        return [replace(one, environment=with_release(one, stage.config)) for one in plain]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Function]":
        """Return all functions of the inventory."""
        return [cls(one, tags=inventory.config.tags) for one in inventory.functions]

    def observe(self, reads: Reads) -> "Function | None":
        """Read configuration, image and tags, which Lambda returns in one call."""
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
        """Return our tag if it has this digest in ECR, else the digest."""
        if self.image:
            ours = proven(repository, self.image, reads)
            if ours and ours["imageDigest"] == digest:
                return self.image
        # An image that isn't proved to be ours counts as another one, despite its tag.
        tags = [one for one in tags_of(repository, digest, reads) if one != self.image]
        return tags[0] if tags else digest

    def create(self, context: Context) -> None:
        """Create it by digest, wait for its role to propagate, and until it is active.

        If a function of its name is still being deleted, wait for that first.
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
        """Remove other access, update code, then configuration, then tags: each only if it differs.

        Lambda must finish updating the code before the configuration can be updated; otherwise it
        returns ResourceConflictException. A failed update is repeated with the code, because any
        later update retries it.
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
            # The first update repairs a failure from before this run, but not a later one.
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
        """Its release's id, or ""."""
        return dict(self.environment).get(RELEASE, "")

    def settings(self) -> Settings:
        """Return what UpdateFunctionConfiguration sets and a version stores."""
        return settings_of(self)

    def decided(self) -> Settings:
        """Return the settings that are part of a release."""
        return decided(self)

    def delete(self, context: Context) -> None:
        """Delete it with its versions and aliases."""
        with missing_is_fine():
            context.clients.functions.delete_function(FunctionName=self.name)


def _repository_of(uri: str) -> str:
    """Return the repository's name from `registry/name@sha256:…`."""
    return uri.partition("@")[0].partition("/")[2]
