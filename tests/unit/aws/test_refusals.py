"""Every refusal that AWS's service models name, for every operation that the program calls."""

import functools
import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from mldeploy.aws.errors import translate
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS

ROOT = Path(__file__).parents[3] / "mldeploy"
SERVICES = ("apigatewayv2", "cloudwatch", "ecr", "events", "iam", "lambda", "logs", "sts")
LOGINS = ("AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken")
"""Made by botocore itself, for credentials."""


WORDS = {
    word
    for path in ROOT.rglob("*.py")
    if "embedded" not in path.parts
    for word in re.findall(r"\w+", path.read_text())
}
SESSION = botocore.session.get_session()


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


def shapes() -> list[tuple[str, str, str, int]]:
    """Return (service, operation, AWS's code, HTTP status) of each documented error."""
    found = []
    for service in SERVICES:
        for name in sorted(operations(service)):
            for shape in model(service).operation_model(name).error_shapes:
                status = int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
                found.append((service, name, shape.error_code, status))
    return found


def test_what_is_walked_is_what_is_called() -> None:
    """The walk sees the calls that matter: it isn't empty by a slip of the pattern."""
    assert {"CreateFunction", "Invoke", "PublishVersion", "UpdateAlias"} <= operations("lambda")
    assert {"CreateAuthorizer", "CreateApi", "UpdateStage"} <= operations("apigatewayv2")
    assert {"PutImage", "DescribeImages", "SetRepositoryPolicy"} <= operations("ecr")
    assert {"CreateRole", "PutRolePolicy"} <= operations("iam")
    assert len(shapes()) > 400


def test_every_documented_refusal_has_a_code_and_a_hint() -> None:
    """None is a bare MLD499, whatever the operation: there are no exceptions to that."""
    bare = []
    for service, name, code, status in shapes():
        error = {"Code": code, "Message": "AWS's words"}
        answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
        told = translate(ClientError(answer, name))
        if told.code == "MLD499" or not told.hint or "AWS's words" not in told.message:
            bare.append((service, name, code))
    assert bare == []


@pytest.mark.parametrize(
    ("code", "status"),
    [("KMSDisabledException", 502), ("SubnetIPAddressLimitReachedException", 502)],
)
def test_a_cause_of_ones_own_is_no_failure_inside_aws(code: str, status: int) -> None:
    """Lambda answers 502 for a disabled key or a full subnet: waiting a minute mends neither."""
    error = {"Code": code, "Message": "m"}
    answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert translate(ClientError(answer, "Invoke")).code not in {"MLD405", "MLD407"}
