"""An environment in which no setting of the developer's reaches a test."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.strict.calls import ACCOUNT, REGION


def isolated(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take a developer's own profile, endpoint and retry mode away."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        patch.setenv(name, str(folder / "no-such-file"))


def approving(patch: pytest.MonkeyPatch) -> None:
    """Let plans be carried out without a flag, as a CI job may set it."""
    patch.setenv("MLDEPLOY_DEPLOY__APPROVE", "auto")


def retries_at_once(patch: pytest.MonkeyPatch) -> None:
    """Let botocore repeat calls without a pause; it has no setting for that."""
    patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))


def credentials(patch: pytest.MonkeyPatch) -> None:
    """Give the emulated account's."""
    patch.setenv("AWS_ACCESS_KEY_ID", "testing")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    patch.setenv("AWS_DEFAULT_REGION", REGION)
    patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
