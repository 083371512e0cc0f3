"""What is left of an error that nobody expected."""

from pathlib import Path

import pytest

from mldeploy.crash import unexpected


def test_a_name_that_isnt_utf8_gets_into_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python writes it: telling of an error must not be the next one."""
    monkeypatch.setenv("MLDEPLOY_LOG_DIR", str(tmp_path))
    told = unexpected(OSError("can't read \udcff"))
    (log,) = tmp_path.iterdir()
    assert dict(told.details) == {"log": str(log)}
    assert "can't read \\udcff" in log.read_text()
