"""The boto3 session of a profile, and errors if its credentials can't be loaded."""

import getpass
import sys
from typing import Any

from mldeploy.aws.errors import translate
from mldeploy.errors import ExitCode, MldeployError

_UNKNOWN = "MLD499"


def session_of(region: str, profile: str) -> Any:
    """Return a boto3 session that prompts for an MFA code only at a terminal.

    Args:
        region: "" for the environment's or the profile's.
        profile: "" for the environment's.

    Raises:
        botocore.exceptions.ProfileNotFound: the profile isn't in the AWS configuration.
    """
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    session = boto3.Session(
        region_name=region or None, profile_name=profile or None, botocore_session=core
    )
    provider = core.get_component("credential_provider").get_provider("assume-role")
    # botocore has no public API to set it; its default is getpass, which reads any stdin.
    provider._prompter = lambda prompt: _mfa_code(prompt, session.profile_name)  # noqa: SLF001
    return session


def check_credentials(session: Any) -> None:
    """Load a session's credentials now, so that errors are known to be about them.

    A session without credentials isn't refused here: the first call raises botocore's error.

    Raises:
        MldeployError: MLD401, MLD403 or another code of `translate`.
    """
    try:
        found = session.get_credentials()
        if found is not None:
            found.get_frozen_credentials()
    except Exception as error:
        raise _unusable(error, session.profile_name) from error


def ca_bundle(session: Any) -> str:
    """Return the CA bundle that a session uses instead of the public one, or "".

    AWS_CA_BUNDLE, or `ca_bundle` of the profile (AWS SDKs reference guide, "ca_bundle").
    """
    # boto3 has no public API for its configuration.
    return str(session._session.get_config_variable("ca_bundle") or "")  # noqa: SLF001


def _mfa_code(prompt: str, profile: str) -> str:
    """Return the code that the user enters. `prompt`: botocore's, with the device's ARN."""
    device = prompt.removeprefix("Enter MFA code for ").rstrip(": ")
    if sys.stdin is None or not sys.stdin.isatty():
        raise _no_code(profile, device, "there is no terminal to ask for it")
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise _no_code(profile, device, "no code was entered") from None


def _no_code(profile: str, device: str, why: str) -> MldeployError:
    return MldeployError(
        "MLD401",
        f"no AWS credentials: the profile {profile} requires an MFA code from {device}, and {why}",
        "get session credentials in a terminal "
        f"(`aws configure export-credentials --profile {profile} --format env`, or "
        f"`aws sts get-session-token --serial-number {device} --token-code CODE`), "
        "set them as environment variables here, and omit the profile",
        exit_code=ExitCode.PERMISSION,
    )


def _unusable(error: Exception, profile: str) -> MldeployError:
    """Translate an error of a credential provider, including those not raised by AWS.

    For example, a missing `credential_process` raises FileNotFoundError, and one that doesn't print
    JSON raises ValueError.
    """
    known = translate(error)
    if known.code != _UNKNOWN:
        return known
    return MldeployError(
        "MLD401",
        f"no AWS credentials: the profile {profile} has none that can be read: {known.message}",
        "check the profile with `aws sts get-caller-identity "
        f"--profile {profile}`, or select another with --profile",
        exit_code=ExitCode.PERMISSION,
    )
