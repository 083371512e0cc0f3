"""A Lambda function made from an image."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from mldeploy.aws import missing_is_fine
from mldeploy.aws_errors import error_code
from mldeploy.resources.base import Context, Tags, known_tags, require_ours
from mldeploy.resources.ecr_images import deployable_uri, tagged, tags_of
from mldeploy.resources.lambda_state import (
    concurrency_explained,
    digest_of,
    with_role_patience,
)
from mldeploy.resources.settling import DELETING, failed_update, gone, is_being_deleted, settled

Variables = tuple[tuple[str, str], ...]


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
        reserved: the most executions at once, also the ones that no other function can take; None
            for the account's. It belongs to the function and to no version, so not to a release.
        healthy: False where Lambda failed to create it; it must then be made anew.
        failed_update: why the last update failed, until another one repairs it.
        tags: ours and the user's.
        digest: of the image that Lambda runs.
    """

    kind: ClassVar[str] = "function"
    actions: ClassVar[tuple[str, ...]] = (
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency",
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:ListTags",
        "lambda:PutFunctionConcurrency",
        "lambda:TagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
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
    reserved: int | None = None
    healthy: bool = True
    failed_update: str = ""
    tags: Tags = ()
    digest: str = field(default="", compare=False)

    def observe(self, context: Context) -> "Function | None":
        """Read configuration, image and tags, which Lambda gives in one call."""
        answer = context.clients.read("lambda", "get_function", FunctionName=self.name)
        if answer is None:
            return None
        found = answer["Configuration"]
        if found.get("State") == DELETING:
            return None
        tags = answer.get("Tags", {})
        require_ours(self.kind, self.name, self.tags, tags)
        uri = answer["Code"].get("ResolvedImageUri") or answer["Code"].get("ImageUri", "")
        digest = digest_of(answer["Code"])
        repository = _repository_of(uri)
        return Function(
            name=self.name,
            role=found["Role"],
            repository=repository,
            image=self._tag_or_digest(repository, digest, context),
            architecture=found.get("Architectures", ["x86_64"])[0],
            memory=found["MemorySize"],
            timeout=found["Timeout"],
            ephemeral_storage=found.get("EphemeralStorage", {}).get("Size", 512),
            environment=_sorted(found.get("Environment", {}).get("Variables", {})),
            command=tuple(_image_config(found).get("Command", [])),
            overridden=_overridden(_image_config(found)),
            log_group=found.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{self.name}"),
            log_format=found.get("LoggingConfig", {}).get("LogFormat", "Text"),
            reserved=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
            healthy=found.get("State") != "Failed",
            failed_update=failed_update(found),
            tags=known_tags(self.tags, tags),
            digest=digest,
        )

    def _tag_or_digest(self, repository: str, digest: str, context: Context) -> str:
        """Name what runs by our tag if ECR has that tag at this digest."""
        if self.image:
            ours = tagged(repository, self.image, context)
            if ours and ours["imageDigest"] == digest:
                return self.image
        tags = tags_of(repository, digest, context)
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
                Description="Deployed by mldeploy",
                **self._configuration(),
            ),
            context,
            step,
            self.role,
        )

    def update(self, before: "Function", context: Context) -> None:
        """Change code, then configuration, then tags: each only if it differs.

        Between code and configuration Lambda must have ended the first update, or it answers
        ResourceConflictException. An update that failed is made anew with the code, whatever it
        was: each later update is one more try.
        """
        if not before.healthy:
            self.delete(context)
            self.create(context)
            return
        step = f"update function {self.name}"
        new_code = (before.image, before.architecture) != (self.image, self.architecture)
        anew = new_code or bool(before.failed_update)
        if anew:
            self._update_code(step, context)
        if before.settings() != self.settings():
            # What failed before this run is repaired by its first update; what failed since isn't.
            self._update_configuration(step, context, first=not anew)
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

    def _update_configuration(self, step: str, context: Context, *, first: bool) -> None:
        revision = settled(self.name, context, step, before_update=first)["RevisionId"]
        with_role_patience(
            lambda: context.clients.functions.update_function_configuration(
                FunctionName=self.name, RevisionId=revision, **self._configuration()
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

    def settings(self) -> tuple[Any, ...]:
        """Return what UpdateFunctionConfiguration sets."""
        return (*self.configured(), self.overridden, self.log_format)

    def configured(self) -> tuple[Any, ...]:
        """Return what a release decides of it."""
        return (
            self.role,
            self.memory,
            self.timeout,
            self.ephemeral_storage,
            self.environment,
            self.command,
            self.log_group,
        )

    def _configuration(self) -> dict[str, Any]:
        return {
            "Role": self.role,
            "MemorySize": self.memory,
            "Timeout": self.timeout,
            "EphemeralStorage": {"Size": self.ephemeral_storage},
            "Environment": {"Variables": dict(self.environment)},
            "ImageConfig": {"Command": list(self.command)},
            "LoggingConfig": {"LogFormat": self.log_format, "LogGroup": self.log_group},
        }

    def delete(self, context: Context) -> None:
        """Delete it with its versions and aliases."""
        with missing_is_fine():
            context.clients.functions.delete_function(FunctionName=self.name)


def _repository_of(uri: str) -> str:
    """Return the repository's name out of `registry/name@sha256:…`."""
    return uri.partition("@")[0].partition("/")[2]


def _image_config(configuration: dict[str, Any]) -> dict[str, Any]:
    return dict(configuration.get("ImageConfigResponse", {}).get("ImageConfig", {}))


def _overridden(image: dict[str, Any]) -> tuple[str, ...]:
    """Return the entry point and the working directory, which are the image's own in ours.

    ImageConfig is written as a whole (botocore lambda: ImageConfig), so both go with an update.
    """
    folder = image.get("WorkingDirectory")
    return (*image.get("EntryPoint", []), *([f"in {folder}"] if folder else []))


def _sorted(variables: dict[str, str]) -> Variables:
    return tuple(sorted(variables.items()))
