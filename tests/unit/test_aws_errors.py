"""AWS's errors in a user's words."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from mldeploy.aws_errors import translate
from mldeploy.errors import ExitCode, MldeployError


def client_error(
    code: str, message: str, operation: str = "CreateFunction", status: int = 400
) -> ClientError:
    error = {"Code": code, "Message": message}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


def test_a_denied_call_names_the_caller_the_action_and_the_policy() -> None:
    """AccessDenied says who may not call what, and which command prints the policy."""
    message = (
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
        "lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:f"
    )
    error = translate(client_error("AccessDeniedException", message))
    assert error.code == "MLD402"
    assert error.message == "AccessDenied: alice may not call lambda:CreateFunction"
    assert "mldeploy iam policy" in error.hint
    assert "arn:aws:iam::123456789012:user/alice" in error.hint
    assert error.exit_code == ExitCode.PERMISSION


@pytest.mark.parametrize(
    ("raised", "code", "exit_code"),
    [
        (exceptions.NoCredentialsError(), "MLD401", ExitCode.PERMISSION),
        (exceptions.ProfileNotFound(profile="x"), "MLD401", ExitCode.PERMISSION),
        (client_error("ExpiredToken", "The security token expired"), "MLD403", ExitCode.PERMISSION),
        (client_error("InvalidClientTokenId", "no"), "MLD403", ExitCode.PERMISSION),
        (exceptions.SSOTokenLoadError(error_msg="x"), "MLD403", ExitCode.PERMISSION),
        (client_error("TooManyRequestsException", "slow"), "MLD405", ExitCode.FAILURE),
        (client_error("PreconditionFailedException", "rev"), "MLD406", ExitCode.FAILURE),
        (client_error("EntityAlreadyExists", "role"), "MLD406", ExitCode.FAILURE),
        (client_error("ServiceException", "no", status=500), "MLD407", ExitCode.FAILURE),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), "MLD408", ExitCode.FAILURE),
        (client_error("ServiceException", "oops"), "MLD499", ExitCode.FAILURE),
    ],
)
def test_each_error_has_its_code(raised: Exception, code: str, exit_code: ExitCode) -> None:
    """Each family of AWS errors has one stable code and the right exit code."""
    error = translate(raised)
    assert (error.code, error.exit_code) == (code, exit_code)


def test_an_error_of_ours_stays_as_it_is() -> None:
    """Translating twice changes nothing."""
    error = MldeployError("MLD201", "no bundle")
    assert translate(error) is error
