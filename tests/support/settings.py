"""Configurations for tests: texts of mldeploy.toml, and the errors that they end in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import ExitCode, MldeployError

SMALLEST = '[project]\nname = "iris"\n[api]\nauth = "none"\n'
CANARY = "hunter2secret"
ROLE = "arn:aws:iam::123456789012:role/a"
POLICY = "arn:aws:iam::aws:policy/b"

Write = Callable[[str], Path]


def problem(text: str, write: Write, **options: object) -> MldeployError:
    """Return the error that a file ends in."""
    write(text)
    with pytest.raises(MldeployError) as raised:
        load_config(**{"environ": {}, **options})  # type: ignore[arg-type]
    assert raised.value.exit_code is ExitCode.USAGE
    return raised.value
