"""A file that tests of the configuration write."""

from pathlib import Path

import pytest

from tests.support.settings import Write


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Give a function that writes mldeploy.toml into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write_file(text: str) -> Path:
        file = tmp_path / "mldeploy.toml"
        file.write_text(text)
        return file

    return write_file
