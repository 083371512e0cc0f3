"""keep_warm and its neighbours: short forms, stages, limits."""

from pathlib import Path

import pytest

from mldeploy.config import FunctionConfig, KeepWarm, warmth
from mldeploy.config.file import load_config

FILE = '[project]\nname = "iris"\n[api]\nauth = "iam"\n[functions.predict]\n'


def load(tmp_path: Path, text: str, stage: str = "dev") -> FunctionConfig:
    """Return the one function of a file."""
    (tmp_path / "mldeploy.toml").write_text(FILE + text)
    (function,) = load_config(tmp_path, stage=stage, environ={}).functions
    return function


@pytest.mark.parametrize(
    ("text", "warm"),
    [
        ("", None),
        ("keep_warm = false", None),
        ("keep_warm = true", KeepWarm("5 minutes", 1)),
        ('keep_warm = "1 minute"', KeepWarm("1 minute", 1)),
        ("keep_warm = {}", KeepWarm("5 minutes", 1)),
        ('keep_warm = {every = "60 minutes", instances = 5}', KeepWarm("60 minutes", 5)),
        ("[functions.predict.keep_warm]\ninstances = 3", KeepWarm("5 minutes", 3)),
    ],
)
def test_each_form_is_the_table(text: str, warm: KeepWarm | None, tmp_path: Path) -> None:
    """Off unless asked for; true and a time stand for a table."""
    assert load(tmp_path, text).keep_warm == warm


@pytest.mark.parametrize(
    ("override", "warm"),
    [
        ("keep_warm = false", None),
        ("keep_warm = {instances = 4}", KeepWarm("2 minutes", 4)),
        ('keep_warm = "9 minutes"', KeepWarm("9 minutes", 1)),
    ],
)
def test_a_stage_has_its_own(override: str, warm: KeepWarm | None, tmp_path: Path) -> None:
    """A table is merged key by key, a short form replaces all of it; the main part stays."""
    main = 'keep_warm = {every = "2 minutes", instances = 2}\n'
    text = f"{main}[stages.prod.functions.predict]\n{override}\n"
    assert load(tmp_path, text, "prod").keep_warm == warm
    assert load(tmp_path, text).keep_warm == KeepWarm("2 minutes", 2)


@pytest.mark.parametrize(
    "text", ["", "0 minutes", "1 minutes", "2 minute", "61 minutes", "5  minutes", "5minutes", "5"]
)
def test_what_eventbridge_would_refuse_is_refused(text: str) -> None:
    """One minute and several minutes are spelt apart, as EventBridge has it."""
    with pytest.raises(ValueError, match="5 minutes"):
        warmth.every(text)


def test_concurrencies_are_off_by_default(tmp_path: Path) -> None:
    """Nothing is provisioned and nothing reserved."""
    function = load(tmp_path, "")
    assert (function.provisioned_concurrency, function.reserved_concurrency) == (0, None)


def test_what_is_provisioned_may_be_all_that_is_reserved(tmp_path: Path) -> None:
    """The bounds themselves are allowed: AWS counts what is provisioned into what is reserved."""
    text = "provisioned_concurrency = 3\nreserved_concurrency = 3\nkeep_warm = {instances = 2}"
    assert load(tmp_path, text).provisioned_concurrency == 3
    assert load(tmp_path, "keep_warm = true\nreserved_concurrency = 1").keep_warm == KeepWarm()
