"""Reads a function's versions and releases, and waits for roles."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from mldeploy.aws.errors import error_code, error_message
from mldeploy.errors import MldeployError
from mldeploy.events import Waiting
from mldeploy.facts.thresholds import OUR_ROLE_SECONDS, THEIR_ROLE_SECONDS
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import is_there, tagged

T = TypeVar("T")

ALIAS = "live"
RELEASE = "MLDEPLOY_RELEASE"
"""The variable with a release's id, which is known before anything is deployed."""

# Lambda's errors while a new or changed role hasn't propagated through IAM yet, from
# terraform's and chalice's retry lists. Any other InvalidParameterValueException is final.
# The last one is Step Functions' (go-to-k/cdkd#950).
_ROLE_NOT_READY = (
    "The role defined for the function cannot be assumed by Lambda",
    "The provided execution role does not have permissions",
    "Lambda was unable to configure access to your environment variables because the KMS key",
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized",
)


def release_of(configuration: dict[str, Any]) -> str:
    """Return the release id of a function or version, or ""."""
    return str(configuration.get("Environment", {}).get("Variables", {}).get(RELEASE, ""))


def published_versions(function: str, reads: Reads) -> list[dict[str, Any]]:
    """Return a function's published versions as Lambda describes them, oldest first."""
    answer = reads.read("lambda", "list_versions_by_function", FunctionName=function)
    listed = answer["Versions"] if answer else []
    numbered = [v for v in listed if v["Version"] != "$LATEST"]
    return sorted(numbered, key=lambda v: int(v["Version"]))


def versions_by_release(function: str, reads: Reads) -> dict[str, str]:
    """Return {version number: release id} of a function's published versions, oldest first."""
    return {v["Version"]: release_of(v) for v in published_versions(function, reads)}


def digest_of_version(function: str, number: str, reads: Reads) -> str:
    """Return the digest of a version's image ($LATEST included), or ""."""
    answer = reads.read("lambda", "get_function", FunctionName=function, Qualifier=number)
    return digest_of(answer["Code"]) if answer else ""


def live_version(function: str, reads: Reads) -> str:
    """Return the number of the alias's version, or ""."""
    found = reads.read("lambda", "get_alias", FunctionName=function, Name=ALIAS)
    return str(found["FunctionVersion"]) if found else ""


def described_version(function: str, number: str, reads: Reads) -> dict[str, Any]:
    """Return a version as Lambda describes it; empty if it is gone.

    Calls GetFunction, which has a rate limit six times that of the list of all versions (Lambda
    developer guide, "Lambda quotas").
    """
    answer = reads.read("lambda", "get_function", FunctionName=function, Qualifier=number)
    return dict(answer["Configuration"]) if answer else {}


def release_of_version(function: str, number: str, reads: Reads) -> str:
    """Return a version's release, or ""; $LATEST can change, so it has none."""
    found = described_version(function, number, reads) if number != "$LATEST" else {}
    return release_of(found)


def image_is_gone(function: str, number: str, repository: str, tag: str, reads: Reads) -> bool:
    """Return whether a version's image is gone from ECR, so that the version will stop working.

    Lambda caches the image only for a while (developer guide, "Create a Lambda function using a
    container image": a function whose image was deleted fails eventually). An image rebuilt with
    the same tag has another digest.

    Args:
        function: its name.
        number: the version's.
        repository: of the image.
        tag: that the image probably has.
        reads: of AWS.
    """
    digest = digest_of_version(function, number, reads)
    image = tagged(repository, tag, reads)
    if image is not None and image["imageDigest"] == digest:
        return False
    return not is_there(repository, digest, reads)


def digest_of(code: dict[str, Any]) -> str:
    """Return the digest in GetFunction's `Code`."""
    uri = str(code.get("ResolvedImageUri") or code.get("ImageUri", ""))
    return "sha256:" + (uri.rpartition("@sha256:")[2] if "@sha256:" in uri else "")


def version_of_release(function: str, release: str, reads: Reads) -> str:
    """Return the number of a release's newest version, or ""."""
    found = versions_by_release(function, reads)
    return next((n for n, carried in reversed(found.items()) if carried == release), "")


def with_role_patience(call: Callable[[], T], context: Context, step: str, role: str) -> T:
    """Make a call that AWS rejects until the role has propagated through IAM.

    Only the errors that a new role causes are retried, with jitter: for 90 seconds if mldeploy
    manages the role, for 20 if the user provided it, since that one is older.

    Raises:
        Exception: the last one that `call` raised.
    """
    last: Exception | None = None
    ours = ":role/mldeploy_" in role
    patience = OUR_ROLE_SECONDS if ours else THEIR_ROLE_SECONDS
    for waited in context.clients.polls(patience, every=2.0):
        try:
            return call()
        except Exception as error:
            last = error
            message = error_message(error)
            if not message.startswith(_ROLE_NOT_READY):
                raise
            context.emit(Waiting(step, f"IAM: {message}", waited))
    if last is None:
        raise AssertionError("polls() yields at least once")
    raise last


@contextmanager
def concurrency_explained(function: str, setting: str) -> Iterator[None]:
    """Raise an error with a fix if Lambda rejects a number of concurrent executions.

    Lambda keeps part of the account's quota unreserved ("… decreases account's
    UnreservedConcurrentExecution below its minimum value of [10]",
    terraform-aws-github-runner#2946), and new accounts have a small quota.

    Raises:
        MldeployError: MLD453.
    """
    try:
        yield
    except Exception as error:
        if error_code(error) != "InvalidParameterValueException":
            raise
        raise MldeployError(
            "MLD453",
            f"Lambda refuses the `{setting}` of {function}: {error_message(error)}",
            "set a lower number, or have the quota raised: Service Quotas, AWS Lambda, "
            "Concurrent executions. A ceiling goes below what is provisioned in two deploys: "
            "first less `provisioned_concurrency`, then less `reserved_concurrency`",
        ) from error
