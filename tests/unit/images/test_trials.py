"""Handlers of the user's own: what an image has to prove for them, and their golden files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config import DEFAULT_HANDLER, Config, FunctionConfig
from mldeploy.config.file import load_config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.images.trials import Trial, golden_of_handlers, trials
from mldeploy.model.golden import Golden

SMALLEST = '[project]\nname = "iris"\n[api]\nauth = "none"\n'
FIRST = '[functions.a]\nhandler = "mine:handle"\ngolden = "a.json"\n'
SECOND = '[functions.b]\nhandler = "mine:handle"\n'
GOLDEN = '{"format": 1, "examples": [{"request": null}]}'
Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Give a function that writes a project and returns its configuration."""

    def call(text: str, golden: str | bytes = GOLDEN) -> Config:
        (tmp_path / "mldeploy.toml").write_text(f"{SMALLEST}{text}")
        content = golden if isinstance(golden, bytes) else golden.encode()
        (tmp_path / "a.json").write_bytes(content)
        (tmp_path / "b.json").write_bytes(content)
        return load_config(tmp_path / "mldeploy.toml", environ={})

    return call


def refused(load: Load, text: str) -> str:
    with pytest.raises(MldeployError) as raised:
        load(text)
    assert raised.value.code == "MLD102"
    return raised.value.message


def test_each_function_is_tried_as_it_will_run(tmp_path: Path) -> None:
    """Handler, memory, /tmp and variables make a trial; two equal functions need one."""
    model = FunctionConfig("a", "POST /a", memory=512, environment=(("A1", "x"),))
    twin = FunctionConfig("b", "POST /b", memory=512, timeout=3, environment=(("A1", "x"),))
    mine = FunctionConfig("c", "POST /c", ephemeral_storage=600, handler="mine:handle")
    assert trials((model, twin, mine), tmp_path) == (
        Trial(DEFAULT_HANDLER, 512, 512, (("A1", "x"),)),
        Trial("mine:handle", 1024, 600, ()),
    )
    assert [one.custom for one in trials((model, mine), tmp_path)] == [False, True]


def test_a_trial_s_variables_are_in_no_repr() -> None:
    """They may be secrets."""
    assert "hunter2" not in repr(Trial(environment=(("TOKEN", "hunter2"),)))


def test_a_golden_file_is_read_as_it_is(load: Load) -> None:
    """For its handler, once for two functions of one handler; a model has none here."""
    config = load(f'{FIRST}{SECOND}golden = "a.json"\n[functions.c]\n')
    assert golden_of_handlers(config) == {"mine:handle": Golden(GOLDEN.encode(), custom=True)}


def test_functions_of_one_handler_have_one_golden_file(load: Load) -> None:
    """Another file, and none, are refused with the other function's name."""
    for golden in ('golden = "b.json"', ""):
        says = refused(load, f"{FIRST}{SECOND}{golden}")
        assert "[functions.b] differs from that of [functions.a]" in says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('golden = "a.json"', "requires a `handler`"),
        ('handler = "mine:handle"\ngolden = "absent.json"', "(absent.json) is not a file"),
        ('handler = "mine:handle"\ngolden = "."', "(.) is not a file"),
        ('handler = "mine:handle"\ngolden = "../a.json"', "must be a path inside the project"),
        ('handler = "mine:handle"\ngolden = "link"', "is outside the project"),
    ],
)
def test_a_golden_file_that_cannot_be_meant_is_refused(
    load: Load, tmp_path: Path, line: str, says: str
) -> None:
    """The model's handler has its bundle's; a file of one's own exists inside the project."""
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert says in refused(load, f"[functions.a]\n{line}")


def test_the_handler_s_name_counts_in_the_environment(load: Load) -> None:
    """Lambda's 4096 bytes hold it too, so what just fits without it is refused."""

    def function(size: int) -> str:
        return f'environment = {{ A1 = "{"x" * size}" }}\n'

    fits = next(
        size for size in range(4096, 0, -1) if loads(load, f"[functions.a]\n{function(size)}")
    )
    says = refused(load, f'[functions.a]\nhandler = "mine:handle"\n{function(fits)}')
    assert "bytes with mldeploy's own variables" in says
    added = len('"MLDEPLOY_HANDLER":"mine:handle",')
    load(f'[functions.a]\nhandler = "mine:handle"\n{function(fits - added)}')


def loads(load: Load, text: str) -> bool:
    try:
        load(text)
    except MldeployError:
        return False
    return True


def golden(*examples: Any, **more: Any) -> str:
    return json.dumps({"format": 1, "examples": examples, **more})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "isn't JSON"),
        ("{", "isn't JSON"),
        (b"\xff", "isn't JSON"),
        ("[" * 100_000, "isn't JSON"),
        ('{"format": 1, "examples": [{"request": NaN}]}', "NaN isn't a JSON value"),
        ("[]", "names no format"),
        ("{}", "names no format"),
        (golden({"request": 1}, format=2), "has format 2; this mldeploy knows 1"),
        ('{"format": 1}', "has no list of examples"),
        (golden(), "has no list of examples"),
        (golden({"request": 1}, examples={}), "has no list of examples"),
        (golden({"request": 1}, 5), "example 1 isn't an object"),
        (golden({"answer": 1}), "example 0 has no request"),
        (golden({"request": 1, "expected": 1}), "example 0 has the unknown key 'expected'"),
        (golden({"request": 1, "status": "200"}), "example 0 has a status that isn't a number"),
        (golden({"request": 1, "status": True}), "example 0 has a status that isn't a number"),
        (golden({"request": 1, "status": 99}), "example 0 has a status that isn't a number"),
        (golden({"request": 1, "status": 600}), "example 0 has a status that isn't a number"),
    ],
)
def test_a_bad_golden_file_is_refused(load: Load, content: str | bytes, says: str) -> None:
    """MLD313 with file, function and what is wrong; the advice shows what it looks like."""
    config = load(FIRST, content)
    with pytest.raises(MldeployError) as raised:
        golden_of_handlers(config)
    error = raised.value
    assert (error.code, error.exit_code) == ("MLD313", ExitCode.USAGE)
    assert error.message.startswith("the golden file a.json of [functions.a] ")
    assert says in error.message
    assert '"examples"' in error.hint


def test_a_golden_file_that_went_away_is_refused(load: Load) -> None:
    """Between reading the configuration and making the image."""
    config = load(FIRST)
    (config.root / "a.json").unlink()
    with pytest.raises(MldeployError) as raised:
        golden_of_handlers(config)
    assert raised.value.code == "MLD313"
