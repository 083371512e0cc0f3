"""Settings out of MLDEPLOY_* variables."""

from pathlib import Path

import pytest

from mldeploy.config import Config, KeepWarm
from mldeploy.config.environ import FLAGS
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError

FILE = '[project]\nname = "iris"\n[api]\nauth = "iam"\n[functions.top-k]\n'


def load(tmp_path: Path, **environ: str) -> Config:
    """Load a small file with variables over it."""
    (tmp_path / "mldeploy.toml").write_text(FILE)
    return load_config(tmp_path, environ={f"MLDEPLOY_{key}": text for key, text in environ.items()})


def test_variables_are_converted_to_what_the_key_needs(tmp_path: Path) -> None:
    """Numbers are numbers, lists are separated by commas, and `_` is the `-` of a name."""
    config = load(
        tmp_path,
        FUNCTIONS__TOP_K__MEMORY="2048",
        API__RATE="0.5",
        API__CORS__ALLOW_ORIGINS="https://a.example, https://b.example",
        LOGS__RETENTION_DAYS="7",
    )
    assert config.functions[0].memory == 2048
    assert config.api.rate == 0.5
    assert config.api.cors is not None
    assert config.api.cors.allow_origins == ("https://a.example", "https://b.example")
    assert config.log_retention == 7


def test_names_that_are_the_users_own_keep_their_case(tmp_path: Path) -> None:
    """Environment variables and tags are case-sensitive, and may hold two underscores."""
    config = load(tmp_path, FUNCTIONS__TOP_K__ENVIRONMENT__My__Key="v", PROJECT__TAGS__Team="ml")
    assert config.functions[0].environment == (("My__Key", "v"),)
    assert config.user_tags == (("Team", "ml"),)


def test_an_empty_variable_is_unset_but_in_the_environment(tmp_path: Path) -> None:
    """CI systems set variables that have no value to the empty text."""
    config = load(
        tmp_path, STAGE="", REGION="", API__RATE="", FUNCTIONS__TOP_K__ENVIRONMENT__EMPTY=""
    )
    assert (config.stage, config.region, config.api.rate) == ("dev", "", 50.0)
    assert config.functions[0].environment == (("EMPTY", ""),)


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("FUNCTIONS__TOP_K__MEMROY", "did you mean `memory`?"),
        ("FUNCTIONS__TOPK__MEMORY", "did you mean `top-k`?"),
        ("AIP__AUTH", "did you mean `api`?"),
        ("FUNCTIONS__TOP_K__MEMORY__MB", "must be a whole number"),
        ("FUNCTIONS__TOP_K", "must be a table"),
        ("STAGES__PROD__API__RATE", "unknown table [stages]"),
        ("STAGGE", "did you mean `MLDEPLOY_STAGE`?"),
        ("REGOIN", "did you mean `MLDEPLOY_REGION`?"),
        ("API_AUTH", "did you mean `MLDEPLOY_API__AUTH`?"),
        ("FUNCTIONS_TOP_K_MEMORY", "did you mean `MLDEPLOY_FUNCTIONS__TOP_K__MEMORY`?"),
    ],
)
def test_a_misspelt_variable_is_an_error_that_names_it(
    variable: str, says: str, tmp_path: Path
) -> None:
    """A setting that is silently ignored is a deploy of the wrong thing."""
    with pytest.raises(MldeployError) as raised:
        load(tmp_path, **{variable: "1024"})
    assert f"MLDEPLOY_{variable}" in raised.value.message
    assert says in raised.value.message


def test_each_variable_that_stands_for_a_flag_is_read() -> None:
    """A variable that is known and does nothing would be a flag that somebody relies on."""
    folder = Path(__file__).parents[3] / "mldeploy"
    program = "".join(path.read_text() for path in folder.rglob("*.py"))
    assert not [flag for flag in FLAGS if f"MLDEPLOY_{flag}" not in program]


@pytest.mark.parametrize(
    "variable", ["OUTPUT", "DEBUG", "YES", "LOG_DIR", "REQUIRE_ENGINE", "RELEASE", "SOMEBODY_ELSE"]
)
def test_other_variables_are_left_alone(variable: str, tmp_path: Path) -> None:
    """Ours that aren't settings, and what others may have called MLDEPLOY_something."""
    assert load(tmp_path, **{variable: "1"}).name == "iris"


def test_a_wrong_value_names_the_variable_not_a_line(tmp_path: Path) -> None:
    """The file isn't to blame for a variable; secrets stay hidden here, too."""
    with pytest.raises(MldeployError) as raised:
        load(tmp_path, FUNCTIONS__TOP_K__TIMEOUT="31", IMAGE__INDEX_URL="hunter2secret")
    assert "MLDEPLOY_IMAGE__INDEX_URL" in raised.value.message
    assert "hunter2secret" not in raised.value.message
    with pytest.raises(MldeployError, match="MLDEPLOY_FUNCTIONS__TOP_K__TIMEOUT"):
        load(tmp_path, FUNCTIONS__TOP_K__TIMEOUT="31")


def test_a_table_and_its_key_cannot_both_be_set(tmp_path: Path) -> None:
    """Which of the two counted would depend on their order."""
    with pytest.raises(MldeployError, match="MLDEPLOY_API__CORS__MAX_AGE"):
        load(tmp_path, API__CORS="x", API__CORS__MAX_AGE="5")
    with pytest.raises(MldeployError, match="MLDEPLOY_api__cors"):
        load(tmp_path, api__cors="x", API__CORS__MAX_AGE="5")


@pytest.mark.parametrize(
    ("variables", "warm"),
    [
        ({"FUNCTIONS__TOP_K__KEEP_WARM": "true"}, KeepWarm("5 minutes", 1)),
        ({"FUNCTIONS__TOP_K__KEEP_WARM": "false"}, None),
        ({"FUNCTIONS__TOP_K__KEEP_WARM": "2 minutes"}, KeepWarm("2 minutes", 1)),
        ({"FUNCTIONS__TOP_K__KEEP_WARM__INSTANCES": "3"}, KeepWarm("5 minutes", 3)),
    ],
)
def test_a_table_with_short_forms_has_them_as_variables(
    variables: dict[str, str], warm: KeepWarm | None, tmp_path: Path
) -> None:
    """keep_warm is true, false, a time, or one key of its table."""
    assert load(tmp_path, **variables).functions[0].keep_warm == warm


def test_concurrencies_are_numbers_in_variables(tmp_path: Path) -> None:
    """As all numbers are."""
    config = load(
        tmp_path,
        FUNCTIONS__TOP_K__PROVISIONED_CONCURRENCY="2",
        FUNCTIONS__TOP_K__RESERVED_CONCURRENCY="4",
    )
    (function,) = config.functions
    assert (function.provisioned_concurrency, function.reserved_concurrency) == (2, 4)
