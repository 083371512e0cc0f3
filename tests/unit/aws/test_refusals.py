"""Every refusal that AWS's service models name, for every operation that the program calls.

Errors are raised as botocore raises them: as the class that it makes of a model's error.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.errorfactory import ClientExceptionsFactory
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from mldeploy.aws.errors import translate
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS

ROOT = Path(__file__).parents[3] / "mldeploy"
LOGINS = ("AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken")
"""Made by botocore itself, for credentials."""


TEXTS = [path.read_text() for path in ROOT.rglob("*.py") if "embedded" not in path.parts]
WORDS = {word for text in TEXTS for word in re.findall(r"\w+", text)}
SESSION = botocore.session.get_session()
EXCEPTIONS = ClientExceptionsFactory()
READS_OR_CLIENTS = re.compile(r'(?:client\(\s*|\(\s*(?="[^"]+",\s*"[a-z]+_[a-z_]+"))"([a-z0-9-]+)"')
NAMED = {word for text in TEXTS for word in READS_OR_CLIENTS.findall(text)}
SERVICES = sorted(NAMED & {*SESSION.get_available_services()})
"""Of which the program makes clients, or reads."""
LIKELY = ("dynamodb", "s3", "scheduler", "secretsmanager", "sns", "sqs", "stepfunctions")
"""What a new kind may be of."""


@functools.cache
def model(service: str) -> ServiceModel:
    """Return botocore's description of a service."""
    return SESSION.get_service_model(service)


def operations(service: str) -> set[str]:
    """Return what the program calls of a service: by the kinds' actions, and by its own text."""
    actions = {action for kind in KINDS for action in actions_of(kind)}
    return {
        name
        for name in model(service).operation_names
        if f"{service}:{name}" in actions
        or xform_name(name) in WORDS
        or (service == "sts" and name in LOGINS)
    }


def documented(service: str, names: Iterable[str]) -> Iterator[tuple[str, ClientError]]:
    """Yield each error that botocore's model documents for operations, as botocore raises it."""
    classes = EXCEPTIONS.create_client_exceptions(model(service))
    for name in sorted(names):
        for shape in model(service).operation_model(name).error_shapes:
            status = int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
            error = {"Code": shape.error_code, "Message": "AWS's words"}
            answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
            yield (
                f"{service}:{name} {shape.error_code}",
                classes.from_code(shape.error_code)(answer, name),
            )


CALLED = [each for service in SERVICES for each in documented(service, operations(service))]


def test_what_is_walked_is_what_is_called() -> None:
    """The walk sees the calls that matter: it isn't empty by a slip of the pattern."""
    assert {"CreateFunction", "Invoke", "PublishVersion", "UpdateAlias"} <= operations("lambda")
    assert {"CreateAuthorizer", "CreateApi", "UpdateStage"} <= operations("apigatewayv2")
    assert {"PutImage", "DescribeImages", "SetRepositoryPolicy"} <= operations("ecr")
    assert {"CreateRole", "PutRolePolicy"} <= operations("iam")
    assert "cloudwatch" in SERVICES
    assert len(CALLED) > 400


def test_every_documented_refusal_has_a_code_and_a_hint() -> None:
    """None is a bare MLD499, whatever the operation: there are no exceptions to that."""
    assert [name for name, error in CALLED if is_bare(error)] == []


@pytest.mark.parametrize("service", LIKELY)
def test_a_service_that_nothing_calls_yet_needs_no_rows(service: str) -> None:
    """A new kind's refusals have a code and a hint already."""
    found = [*documented(service, model(service).operation_names)]
    assert len(found) > 10
    assert [name for name, error in found if is_bare(error)] == []


def is_bare(error: ClientError) -> bool:
    """Tell whether a user learns nothing but that it failed."""
    told = translate(error)
    said = f"{told.message} {dict(told.details)}"
    return told.code == "MLD499" or not told.hint or "AWS's words" not in said


@pytest.mark.parametrize(
    ("code", "status"),
    [("KMSDisabledException", 502), ("SubnetIPAddressLimitReachedException", 502)],
)
def test_a_cause_of_ones_own_is_no_failure_inside_aws(code: str, status: int) -> None:
    """Lambda answers 502 for a disabled key or a full subnet: waiting a minute mends neither."""
    error = {"Code": code, "Message": "m"}
    answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert translate(ClientError(answer, "Invoke")).code not in {"MLD405", "MLD407"}
