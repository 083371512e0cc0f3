"""[training] and [publish]: defaults, bounds, stages, variables."""

from pathlib import Path

import pytest

from mldeploy.config import TrainingConfig
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError

MINIMAL = '[project]\nname = "iris"\n[api]\nauth = "none"\n'


def load(
    folder: Path, text: str = "", stage: str | None = None, **variables: str
) -> TrainingConfig:
    """Load a file's [training], with these variables and no others."""
    (folder / "mldeploy.toml").write_text(MINIMAL + text, encoding="utf-8")
    environ = {f"MLDEPLOY_{name}": value for name, value in variables.items()}
    return load_config(folder, stage=stage, environ=environ).training


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TrainingConfig(5, 0.2, "holdout")),
        ("[training]\ncv = 0", TrainingConfig(cv=0)),
        ("[training]\ncv = 2", TrainingConfig(cv=2)),
        ("[training]\ncv = 20", TrainingConfig(cv=20)),
        ("[training]\nholdout = 0", TrainingConfig(holdout=0.0)),
        ("[training]\nholdout = 0.01", TrainingConfig(holdout=0.01)),
        ("[training]\nholdout = 0.5", TrainingConfig(holdout=0.5)),
        ('[training]\nrefit = "all"', TrainingConfig(refit="all")),
    ],
)
def test_every_value_within_the_bounds_is_taken(
    tmp_path: Path, text: str, expected: TrainingConfig
) -> None:
    """0 turns cross-validation or the held-out rows off."""
    assert load(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cv = 1", "must be 0 (none) or 2 to 20 folds"),
        ("cv = 21", "2 to 20 folds"),
        ("cv = -5", "2 to 20 folds"),
        ("cv = 5.0", "whole number"),
        ("cv = true", "whole number"),
        ("holdout = 0.009", "must be 0 (none) or 0.01 to 0.5"),
        ("holdout = 0.51", "0.01 to 0.5"),
        ("holdout = 1", "0.01 to 0.5"),
        ("holdout = nan", "0.01 to 0.5"),
        ("holdout = -0.2", "0.01 to 0.5"),
        ('refit = "none"', "holdout"),
    ],
)
def test_a_value_outside_the_bounds_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """The message says what is allowed."""
    with pytest.raises(MldeployError) as raised:
        load(tmp_path, f"[training]\n{text}\n")
    assert raised.value.code == "MLD102"
    assert says in raised.value.message


def test_a_misspelt_key_gets_a_suggestion(tmp_path: Path) -> None:
    """As in every other table."""
    with pytest.raises(MldeployError, match="`holdout`"):
        load(tmp_path, "[training]\nholdot = 0.2\n")


def test_a_stage_changes_single_keys(tmp_path: Path) -> None:
    """The others stay those of the file's main part."""
    text = "[training]\ncv = 3\nholdout = 0.3\n[stages.prod.training]\ncv = 0\n"
    assert load(tmp_path, text) == TrainingConfig(3, 0.3)
    assert load(tmp_path, text, "prod") == TrainingConfig(0, 0.3)


def test_variables_come_before_the_file(tmp_path: Path) -> None:
    """Each key has one."""
    found = load(
        tmp_path,
        "[training]\ncv = 3\n",
        TRAINING__CV="0",
        TRAINING__HOLDOUT="0.25",
        TRAINING__REFIT="all",
    )
    assert found == TrainingConfig(0, 0.25, "all")
    with pytest.raises(MldeployError, match="MLDEPLOY_TRAINING__CV"):
        load(tmp_path, TRAINING__CV="1")


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("", {}, None),
        ("[publish]", {}, None),
        ("[publish]\ncategories = true", {}, True),
        ("[publish]\ncategories = false", {}, False),
        ('[publish]\ncategories = ["plan", "a city"]', {}, ("plan", "a city")),
        ("[publish]\ncategories = []", {}, ()),
        ("", {"MLDEPLOY_PUBLISH__CATEGORIES": "plan, a city"}, ("plan", "a city")),
        ("", {"MLDEPLOY_PUBLISH__CATEGORIES": "false"}, False),
    ],
)
def test_columns_to_publish_are_all_none_or_named(
    tmp_path: Path, text: str, variables: dict[str, str], expected: object
) -> None:
    """Without a word it is the few and frequent."""
    (tmp_path / "mldeploy.toml").write_text(MINIMAL + text, encoding="utf-8")
    assert load_config(tmp_path, environ=variables).publish == expected


@pytest.mark.parametrize("value", ["1", '"plan"', "[1]", "{a = 1}"])
def test_other_columns_to_publish_are_refused(tmp_path: Path, value: str) -> None:
    """One name alone is a list of one."""
    with pytest.raises(MldeployError, match="true, false, or a list of columns"):
        load(tmp_path, f"[publish]\ncategories = {value}\n")
