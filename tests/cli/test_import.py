"""`mldeploy import`: its options."""

from pathlib import Path

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from mldeploy.cli.app import run


@pytest.mark.parametrize("option", ["--target-column", "--target"])
def test_the_column_that_is_predicted_has_an_option(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option's first name, which elsewhere names a place, means the same column."""
    (tmp_path / "mldeploy.toml").write_text('[project]\nname = "iris"\n[api]\nauth = "iam"\n')
    (tmp_path / "rows.csv").write_text("length,species\n1.0,0\n2.0,1\n")
    joblib.dump(LogisticRegression().fit([[1.0], [2.0]], [0, 1]), tmp_path / "model.joblib")
    monkeypatch.chdir(tmp_path)
    given = ("import", "model.joblib", "--trust", "--example", "rows.csv", option, "kind")
    assert run([*given]) == 2
    assert "no column 'kind'; it has length, species" in capsys.readouterr().err


def test_help_shows_one_name_of_the_column(capsys: pytest.CaptureFixture[str]) -> None:
    """`--target` alone would be read as the place of a deployment."""
    assert run(["import", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--target-column" in shown
    assert "--target " not in shown
