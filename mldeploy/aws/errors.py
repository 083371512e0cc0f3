"""Translates AWS's errors for users."""

import re

from mldeploy.aws.codes import Family, family_of
from mldeploy.aws.refusals import REFUSED, refusal_of
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.http.trouble import Cause, trouble_of
from mldeploy.text.redact import redact

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_WRONG_KEY = {
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
# AWS's message: User: (an ARN) is not authorized to perform: (an action) on resource: (an ARN)
_ACTION = re.compile(r"perform:? (?P<action>[\w-]+:[\w*]+)")
_WHO = re.compile(r"User:? (?P<arn>arn:\S+)")
_SERVER_ERROR = 500
_LOGINS = {
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "CreateOAuth2Token",
    "CreateToken",
    "GetRoleCredentials",
    "GetSessionToken",
}
"""Calls that botocore itself makes to get credentials (its credentials.py)."""
_LOGIN = {"ForbiddenException", "UnauthorizedException"}


def error_code(error: BaseException) -> str:
    """Return AWS's code of a botocore ClientError, or ""."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def error_message(error: BaseException) -> str:
    """Return AWS's own message of a ClientError, or the error's text."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return str(error)
    details = response.get("Error", {})
    # Some services use a lower-case key, which botocore passes on in addition to "Error".
    return str(details.get("Message") or response.get("message") or error)


def _status(error: BaseException) -> int:
    """Return the HTTP status of AWS's response, or 0."""
    response = getattr(error, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_throttling(code: str) -> bool:
    """Return whether an AWS code means that a call was throttled."""
    return family_of(code) is Family.THROTTLED


def answer_was_lost(error: BaseException) -> bool:
    """Return whether the error may come from a retry of a call that had succeeded.

    botocore retries a call without a response, and counts that in the response's metadata
    (botocore/endpoint.py, RetryAttempts); the retry conflicts with the first attempt's result.
    """
    response = getattr(error, "response", None) or {}
    repeated = int(response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
    return repeated > 0 and family_of(error_code(error)) is Family.RIVAL


def may_be_repeated(error: BaseException) -> bool:
    """Return whether a call was throttled, failed inside AWS, or got no response."""
    code = error_code(error)
    if not code:
        return type(error).__name__ in _UNREACHABLE
    # JSON services have no status for internal errors of AWS.
    repeatable = family_of(code) in {Family.THROTTLED, Family.INSIDE}
    return repeatable or _status(error) >= _SERVER_ERROR


def stop_retries(caught_exception: BaseException | None = None, **_: object) -> None:
    """Stop botocore's retries (its event `needs-retry`) if none can succeed.

    Raises:
        BaseException: the one that was caught.
    """
    if caught_exception is not None and trouble_of(caught_exception).lasting:
        raise caught_exception


def translate(error: BaseException) -> MldeployError:
    """Return the error to show instead of a botocore error.

    An MldeployError is returned unchanged.
    """
    if isinstance(error, MldeployError):
        return error
    code = error_code(error)
    return _client_error(error, code) if code else _botocore_error(error)


def _client_error(error: BaseException, code: str) -> MldeployError:
    operation = str(getattr(error, "operation_name", ""))
    message = redact(error_message(error), foreign=True)
    refused = refusal_of(code, message)
    if may_be_repeated(error) and refused is None:
        return _overloaded(operation, code, message)
    caller = _of_the_caller(operation, code, message)
    if caller is not None:
        return caller
    if family_of(code) is Family.RIVAL:
        return MldeployError(
            "MLD406",
            f"{operation} conflicted with a change made elsewhere: {message}",
            "wait until another deploy has ended, then run the same command again",
        )
    if refused is None and _is_documented(error):
        refused = REFUSED
    if refused is not None:
        return MldeployError(
            refused.code, f"{refused.what} ({operation}, {code}): {message}", refused.fix
        )
    return MldeployError("MLD499", f"{operation} failed: {code}: {message}", "")


def _is_documented(error: BaseException) -> bool:
    """Return whether the service's model lists the error, so that it has its own class.

    Source: botocore/errorfactory.py, from_code.
    """
    return type(error).__name__ != "ClientError"


def _of_the_caller(operation: str, code: str, message: str) -> MldeployError | None:
    """Translate an error about credentials or permissions, or return None."""
    logged_out = code in _LOGIN and operation == "GetRoleCredentials"
    if code in _EXPIRED or logged_out:
        return _credentials("MLD403", f"the AWS credentials have expired ({operation}: {message})")
    if code in _WRONG_KEY:
        return _credentials("MLD403", f"AWS doesn't accept these credentials ({code}: {message})")
    if operation in _LOGINS:
        return _not_logged_in(operation, code, message)
    return _denied(operation, message) if family_of(code) is Family.DENIED else None


def _not_logged_in(operation: str, code: str, message: str) -> MldeployError:
    """Translate an error of a call that only gets credentials."""
    if "MultiFactorAuthentication" in message or "tokenCode" in message:
        return MldeployError(
            "MLD403",
            f"AWS doesn't accept the MFA code ({operation}: {message})",
            "run the command again and enter the device's current six digits; each code works "
            "once, so wait for a new one after each attempt",
            exit_code=ExitCode.PERMISSION,
        )
    return MldeployError(
        "MLD403",
        f"AWS refused to issue credentials ({operation}, {code}): {message}",
        "check that the role exists and that its trust policy allows the caller, or select "
        "another profile with --profile",
        exit_code=ExitCode.PERMISSION,
    )


def _overloaded(operation: str, code: str, message: str) -> MldeployError:
    throttled = is_throttling(code)
    what = (
        f"AWS kept throttling {operation}" if throttled else f"{operation} kept failing inside AWS"
    )
    why = message if throttled else f"{code}: {message}"
    return MldeployError(
        "MLD405" if throttled else "MLD407",
        f"{what}: {why}",
        "run the same command again in a minute; it continues where it stopped",
    )


def _denied(operation: str, message: str) -> MldeployError:
    action = _ACTION.search(message)
    who = _WHO.search(message)
    name = action["action"] if action else operation
    caller = who["arn"] if who else "the caller"
    return MldeployError(
        "MLD402",
        f"AccessDenied: {caller.rsplit('/', 1)[-1]} may not call {name}",
        f"mldeploy iam policy > policy.json, and attach it to {caller}",
        details=(("AWS says", message),),
        exit_code=ExitCode.PERMISSION,
    )


def _credentials(code: str, message: str, fix: str = "") -> MldeployError:
    log_in = (
        "log in (`aws sso login`, `aws login` or `aws configure`), or select a profile with "
        "--profile"
    )
    return MldeployError(code, message, fix or log_in, exit_code=ExitCode.PERMISSION)


def _fix_of(name: str, text: str) -> str:
    """Return the fix for credentials that logging in can't provide, or ""."""
    if name == "MissingDependencyException":  # profiles of `aws login` need awscrt
        return "pip install 'boto3[crt]' into mldeploy's environment, then run the command again"
    if "custom-process" in text:
        return (
            "run the profile's credential_process on its own: it must print JSON with Version 1, "
            "AccessKeyId and SecretAccessKey, without asking for input"
        )
    return ""


_NO_CREDENTIALS = {
    "ConfigParseError",
    "CredentialRetrievalError",
    "InfiniteLoopConfigError",
    "InvalidConfigError",
    "MissingDependencyException",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "UnknownCredentialError",
}
_SESSION_ENDED = {
    "LoginAuthorizationCodeError",
    "LoginError",
    "LoginInsufficientPermissions",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "NoAuthTokenError",
    "SSOError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_NETWORK = {
    Cause.NETWORK: "MLD408",
    Cause.PROXY: "MLD431",
    Cause.CERTIFICATE: "MLD432",
    Cause.NAME: "MLD433",
}
_UNREACHABLE = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "HTTPClientError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}


def _botocore_error(error: BaseException) -> MldeployError:
    """Translate an error that botocore raises without a response, by its class's name."""
    text = redact(" ".join(str(error).split()), foreign=True)
    name = type(error).__name__
    if name in _NO_CREDENTIALS:
        return _credentials("MLD401", f"no AWS credentials: {text}", _fix_of(name, text))
    if name in _SESSION_ENDED:
        return _credentials("MLD403", f"the login session has ended: {text}")
    if name in _UNREACHABLE:
        trouble = trouble_of(error)
        return MldeployError(
            _NETWORK[trouble.cause],
            f"AWS couldn't be reached: {trouble.message}",
            f"{trouble.hint}; then run the same command again",
        )
    if name == "ProfileNotFound":
        return MldeployError(
            "MLD401",
            text,
            "list the profiles with `aws configure list-profiles`, or omit --profile and "
            "AWS_PROFILE",
            exit_code=ExitCode.PERMISSION,
        )
    return MldeployError("MLD499", f"{name}: {text}", "")


def is_aws_error(error: BaseException) -> bool:
    """Return whether botocore raised an error, without importing botocore."""
    return any(
        kind.__module__.partition(".")[0] in {"botocore", "boto3"} for kind in type(error).__mro__
    )
