"""A function without a route: what the file may say, and what is then wanted of AWS."""

from pathlib import Path

import pytest

from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.config.triggers import HttpTrigger, NoTrigger
from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import GATEWAY_SECONDS
from mldeploy.resources.http_api.api import HttpApi
from tests.support.stacks import stack_of

NAME = '[project]\nname = "iris"\n'
AUTH = '[api]\nauth = "none"\n'
PLAIN = "[functions.predict]\nroute = false\n"


def load(folder: Path, text: str, **environ: str) -> Config:
    (folder / "mldeploy.toml").write_text(NAME + text)
    return load_config(folder, environ=environ)


def refused(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(MldeployError) as caught:
        load(folder, text, **environ)
    return f"{caught.value.code} {caught.value}"


def test_without_a_key_the_route_is_the_functions_name(tmp_path: Path) -> None:
    """And the trigger is HTTP, whose longest wait is API Gateway's."""
    (function,) = load(tmp_path, AUTH).functions
    assert function.trigger == HttpTrigger("POST /predict")
    assert function.trigger.longest == GATEWAY_SECONDS == 30


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        (PLAIN, {}),
        ("", {"MLDEPLOY_FUNCTIONS__PREDICT__ROUTE": "false"}),
        ("[stages.dev.functions.predict]\nroute = false\n", {}),
    ],
)
def test_false_is_no_route_and_no_api(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    """In the file, for a stage, and in a variable; [api] isn't needed then."""
    found = load(tmp_path, text, **environ)
    (function,) = found.functions
    assert (function.route, function.trigger) == ("", NoTrigger())
    assert [one for one in stack_of(found) if isinstance(one, HttpApi)] == []


def test_one_function_with_a_route_makes_the_api_of_its_routes_alone(tmp_path: Path) -> None:
    """The other function isn't in it."""
    found = load(tmp_path, f"{AUTH}{PLAIN}[functions.other]\n")
    (api,) = [one for one in stack_of(found) if isinstance(one, HttpApi)]
    assert [route.key for route in api.routes] == ["POST /other"]


def test_one_function_with_a_route_needs_auth(tmp_path: Path) -> None:
    """There is no default for who may call."""
    text = refused(tmp_path, f"{PLAIN}[functions.other]\n")
    assert "MLD105" in text
    assert "`auth` is missing in [api]" in text


def test_a_stage_may_give_the_route_back(tmp_path: Path) -> None:
    """And then needs `auth`."""
    stage = '[stages.dev.functions.predict]\nroute = "POST /score"\n'
    assert "`auth` is missing in [api]" in refused(tmp_path, PLAIN + stage)
    assert load(tmp_path, PLAIN + stage + AUTH).functions[0].route == "POST /score"


def test_a_route_in_a_variable_needs_auth(tmp_path: Path) -> None:
    """Which of both it is, the merged settings tell."""
    environ = {"MLDEPLOY_FUNCTIONS__PREDICT__ROUTE": "POST /score"}
    assert "`auth` is missing in [api]" in refused(tmp_path, PLAIN, **environ)


def test_without_a_route_a_function_may_take_as_long_as_lambda_lets_it(tmp_path: Path) -> None:
    """300 seconds with `route = false`, and up to 900; with a route up to 30."""
    assert load(tmp_path, PLAIN + "timeout = 300\n").functions[0].timeout == 300
    assert "must be 1 to 900 seconds" in refused(tmp_path, PLAIN + "timeout = 901\n")
    routed = refused(tmp_path, AUTH + "[functions.predict]\ntimeout = 300\n")
    assert "`timeout` in [functions.predict] must be 1 to 30 seconds" in routed
    assert "route = false" in routed
    assert load(tmp_path, AUTH + "[functions.predict]\ntimeout = 30\n").functions[0].timeout == 30


@pytest.mark.parametrize("value", ["true", "1", "0", '["POST /a"]', "{}"])
def test_other_values_are_refused(tmp_path: Path, value: str) -> None:
    """`0` is no false."""
    text = refused(tmp_path, f"{AUTH}[functions.predict]\nroute = {value}\n")
    assert "MLD102" in text
    assert "must be text in quotes, or false" in text


def test_paths_need_a_route(tmp_path: Path) -> None:
    """They are routes of the same API."""
    text = refused(tmp_path, PLAIN + 'paths = ["/health"]\n')
    assert "`paths` in [functions.predict] requires a route" in text
