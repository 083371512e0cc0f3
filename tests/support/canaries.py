"""Values that must get out nowhere, in every place where a user may keep one."""

from dataclasses import dataclass
from pathlib import Path

import pytest

MARK = "c4nary"
"""In every one of them."""
KEY = """-----BEGIN KEY-----
c4nary+line+one
c4nary+line+two
-----END KEY-----"""
CREDENTIALS = {
    "AWS_SECRET_ACCESS_KEY": "c4nary-of-the-secret-key",
    "AWS_SESSION_TOKEN": "c4nary-of-the-session",
}
SHELL = {"PASSWORD": "c4nary-of-the-shell", "SIGNING_KEY": KEY}
IN_FILE = {"TOKEN": "c4nary-of-the-env-file"}
CONFIG = {"LEVEL": "c4nary-of-the-config"}
LOGIN = "c4nary-of-the-index"
INDEX = {"MLDEPLOY_IMAGE__INDEX_URL": f"http://reader:{LOGIN}@127.0.0.1:9/simple"}
ENVIRONMENT = """
[functions.{function}.environment]
LEVEL = "c4nary-of-the-config"
PASSWORD = {{ssm = "/iris/password"}}
SIGNING_KEY = {{ssm = "/iris/key"}}
TOKEN = {{secretsmanager = "iris/api", json_key = "token"}}
"""
_PLACES = (CREDENTIALS, SHELL, IN_FILE, CONFIG, INDEX)
EVERYTHING = "; ".join([*(value for place in _PLACES for value in place.values()), LOGIN])
"""What the worst of error messages would hold."""


@dataclass(frozen=True)
class Canaries:
    """They are set in the environment, the project's file, and `.env` beside it.

    Attributes:
        logs: the folder of the logs that crashes leave.
    """

    logs: Path

    def check(self, *texts: str) -> None:
        """Fail where a text, or the log of a crash, holds one."""
        for text in (*texts, *(one.read_text() for one in self.logs.glob("*"))):
            assert MARK not in text, text


def set_canaries(root: Path, function: str, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Put the canaries in place, for a project whose file ends with a table of a function's.

    Args:
        root: of the project.
        function: whose environment refers to them.
        monkeypatch: takes the variables back.
    """
    for name, value in {**CREDENTIALS, **SHELL, **INDEX}.items():
        monkeypatch.setenv(name, value)
    (root / ".env").write_text("".join(f"{name}={value}\n" for name, value in IN_FILE.items()))
    file = root / "mldeploy.toml"
    file.write_text(file.read_text() + ENVIRONMENT.format(function=function))
    logs = root / "logs"
    monkeypatch.setenv("MLDEPLOY_LOG_DIR", str(logs))
    return Canaries(logs)
