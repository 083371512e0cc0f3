"""Credentials that somebody has to be asked for: the real command, with and without a terminal."""

import hashlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.projects import write_project

ROLE = "arn:aws:iam::123456789012:role/deployer"
DEVICE = "arn:aws:iam::123456789012:mfa/anna"
KEYS = '{\\"Version\\": 1, \\"AccessKeyId\\": \\"a\\", \\"SecretAccessKey\\": \\"b\\"}'
PROFILES = f"""\
[profile keys]
credential_process = sh -c 'echo "{KEYS}"'
[profile mfa]
role_arn = {ROLE}
mfa_serial = {DEVICE}
source_profile = keys
[profile chained]
role_arn = {ROLE}
source_profile = mfa
[profile absent]
credential_process = mldeploy-no-such-program
[profile asks]
credential_process = sh -c 'read code || {{ echo "enter a code" >&2; exit 1; }}'
[profile prompts]
credential_process = echo Password:
[profile sso]
sso_session = office
sso_account_id = 123456789012
sso_role_name = deployer
[sso-session office]
sso_region = eu-central-1
sso_start_url = https://office.awsapps.com/start
[profile expired]
sso_session = lapsed
sso_account_id = 123456789012
sso_role_name = deployer
[sso-session lapsed]
sso_region = eu-central-1
sso_start_url = https://lapsed.awsapps.com/start
[profile expired-of-old]
sso_account_id = 123456789012
sso_role_name = deployer
sso_region = eu-central-1
sso_start_url = https://lapsed.awsapps.com/start
[profile outdated]
credential_process = echo '{{"Version": 2}}'
[profile login]
login_session = arn:aws:iam::123456789012:user/anna
[profile token]
role_arn = {ROLE}
web_identity_token_file = /no/such/token
[profile half]
aws_access_key_id = a
"""
SAID = {
    "mfa": (
        "MLD401",
        f"the profile mfa requires an MFA code from {DEVICE}, and there is no terminal",
    ),
    "chained": ("MLD401", "and there is no terminal to ask for it"),
    "absent": ("MLD401", "profile absent has none that can be read: FileNotFoundError"),
    "asks": ("MLD401", "enter a code"),
    "prompts": ("MLD401", "profile prompts has none that can be read: JSONDecodeError"),
    "sso": ("MLD403", "Token for office does not exist"),
    "expired": ("MLD403", "the login session has ended"),
    "expired-of-old": ("MLD403", "the login session has ended"),
    "outdated": ("MLD401", "Version"),
    "login": ("MLD403", "reauthenticate with 'aws login'"),
    "token": ("MLD401", "/no/such/token"),
    "half": ("MLD401", "missing: aws_secret_access_key"),
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Profiles alone: no keys in variables, no instance's role, nothing of AWS is reached."""
    write_project(tmp_path)
    (tmp_path / "config").write_text(PROFILES)
    cache = tmp_path / ".aws/sso/cache"
    cache.mkdir(parents=True)
    for name in ("lapsed", "https://lapsed.awsapps.com/start"):
        key = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
        token = {"accessToken": "x", "expiresAt": "2020-01-01T00:00:00Z"}
        (cache / f"{key}.json").write_text(json.dumps(token))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_REGION": "eu-central-1",
    }


def heard(terminal: int, until: bytes = b"") -> bytes:
    """Return what a process wrote to its terminal, until a text or its end."""
    said = b""
    while not until or until not in said:
        try:
            said += os.read(terminal, 1024)
        except OSError:  # Linux's way to say that the other end is closed
            break
    return said


def status(profile: str) -> list[str]:
    return [sys.executable, "-m", "mldeploy", "status", "--profile", profile]


@pytest.mark.parametrize("profile", SAID)
def test_nothing_is_asked_without_a_terminal(
    environ: dict[str, str], tmp_path: Path, profile: str
) -> None:
    """Each kind of profile that can't give credentials by itself ends with exit code 4."""
    done = subprocess.run(
        status(profile),
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    code, text = SAID[profile]
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"error[{code}]: ")
    assert text in done.stderr
    assert "Enter MFA code" not in done.stderr
    assert "fix: " in done.stderr


@pytest.mark.parametrize(
    ("typed", "exit_code", "code"), [(b"777777\n", 1, "MLD408"), (b"\x04", 4, "MLD401")]
)
def test_a_code_is_asked_for_at_a_terminal(
    environ: dict[str, str], tmp_path: Path, typed: bytes, exit_code: int, code: str
) -> None:
    """A code is sent to STS, which isn't reached here; the end of the input is told."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        status("mfa"),
        cwd=tmp_path,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said = heard(ours, b"Enter MFA code")
    os.write(ours, typed)
    said += heard(ours)
    os.close(ours)
    assert process.wait(60) == exit_code
    assert f"error[{code}]: ".encode() in said
    assert b"mfa/anna: " in said
    assert b"777777" not in said
