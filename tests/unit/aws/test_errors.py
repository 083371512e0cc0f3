"""AWS's errors in a user's words."""

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from mldeploy.aws.errors import translate
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
        (client_error("ResourceConflictException", "busy"), "MLD406", ExitCode.FAILURE),
        (client_error("DeleteConflict", "role"), "MLD477", ExitCode.FAILURE),
        (client_error("LayerAlreadyExistsException", "layer"), "MLD483", ExitCode.FAILURE),
        (client_error("EC2AccessDeniedException", "no", status=502), "MLD479", ExitCode.FAILURE),
        (client_error("ServiceException", "no", status=500), "MLD407", ExitCode.FAILURE),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), "MLD408", ExitCode.FAILURE),
        (client_error("ServiceException", "oops"), "MLD407", ExitCode.FAILURE),
        (client_error("NobodyKnowsException", "oops"), "MLD499", ExitCode.FAILURE),
    ],
)
def test_each_error_has_its_code(raised: Exception, code: str, exit_code: ExitCode) -> None:
    """Each family of AWS errors has one stable code and the right exit code."""
    error = translate(raised)
    assert (error.code, error.exit_code) == (code, exit_code)


MEMORY = (
    "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal "
    "to 3008"
)
KEY = "Lambda was unable to configure access to your environment variables because the KMS key"
MFA = "MultiFactorAuthentication failed with invalid MFA one time pass code."


@pytest.mark.parametrize(
    ("aws_code", "message", "operation", "code", "hint"),
    [
        ("ValidationException", MEMORY, "CreateFunction", "MLD428", "set memory to 3008 or less"),
        (
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
            "CreateFunction",
            "MLD484",
            "trust lambda.amazonaws.com",
        ),
        (
            "InvalidParameterValueException",
            "Source image r/i:t does not exist. Provide a valid source image.",
            "CreateFunction",
            "MLD473",
            "mldeploy build",
        ),
        (
            "InvalidParameterValueException",
            KEY,
            "CreateFunction",
            "MLD478",
            "the key",
        ),
        ("InvalidParameterValueException", "something else", "CreateAlias", "MLD471", "setting"),
        ("LimitExceeded", "Cannot exceed quota", "CreateRole", "MLD429", "Service Quotas"),
        ("LimitExceededException", "too many", "CreateRepository", "MLD429", "Service Quotas"),
        ("AccessDenied", MFA, "AssumeRole", "MLD403", "current six digits"),
        ("AccessDenied", "User: x is not authorized", "AssumeRole", "MLD403", "trust policy"),
        ("ValidationError", "Value 'x' at 'tokenCode' failed", "AssumeRole", "MLD403", "six"),
    ],
)
def test_a_text_of_aws_has_a_code_and_a_hint_of_its_own(
    aws_code: str, message: str, operation: str, code: str, hint: str
) -> None:
    """Where AWS's code alone says little, its words decide; the message is repeated."""
    error = translate(client_error(aws_code, message, operation))
    assert error.code == code
    assert hint in error.hint
    assert message in error.message


@pytest.mark.parametrize(
    ("raised", "hint"),
    [
        (exceptions.MissingDependencyException(msg="needs botocore[crt]"), "boto3[crt]"),
        (
            exceptions.CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
            "credential_process on its own",
        ),
        (exceptions.NoCredentialsError(), "aws sso login"),
        (exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
    ],
)
def test_credentials_that_a_login_doesnt_bring_have_a_hint_of_their_own(
    raised: Exception, hint: str
) -> None:
    """A missing library and a command that fails: logging in would mend neither."""
    error = translate(raised)
    assert error.exit_code == ExitCode.PERMISSION
    assert hint in error.hint


def test_an_error_of_ours_stays_as_it_is() -> None:
    """Translating twice changes nothing."""
    error = MldeployError("MLD201", "no bundle")
    assert translate(error) is error
