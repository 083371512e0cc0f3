"""Secrets on this machine: who has values, and what is said where there are none."""

from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.events import Event, Note
from mldeploy.images.making import with_docker
from mldeploy.local.ways.processes import Processes, launch
from mldeploy.local.ways.staging import recipe
from tests.support.engine_api import FakeApi
from tests.support.served import CONFIG, tiny_project

SECRETS = """
[functions.echo.environment]
LEVEL = "info"
PASSWORD = {ssm = "/tiny/password"}
TOKEN = {ssm = "/tiny/token"}
"""
SAID = "no value for TOKEN on this machine: set it in the shell or in .env"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two references, of which one has a value."""
    monkeypatch.setenv("PASSWORD", "of the shell")
    return tiny_project(tmp_path / "tiny", CONFIG + SECRETS)


def test_a_process_has_the_values_and_no_places(root: Path, tmp_path: Path) -> None:
    """Nothing that runs here asks AWS; what is missing is said once for a function."""
    config = load_config(root)
    ready = Processes(config, tmp_path / "copies").prepare(recipe(config))
    assert [one for one in ready.remarks if "value" in one] == [SAID]
    variables = dict(launch(config, config.functions[0], ready.staged).variables)
    assert (variables["LEVEL"], variables["PASSWORD"]) == ("info", "of the shell")
    assert not {"TOKEN", "MLDEPLOY_SECRETS"} & variables.keys()
    assert "PASSWORD" not in dict(launch(config, config.functions[1], ready.staged).variables)


def test_a_build_tries_the_image_with_the_values(root: Path) -> None:
    """The trial's container gets them as variables; the missing one is a warning."""
    config = load_config(root)
    api, events = FakeApi(), list[Event]()
    with_docker(api).builder.build(recipe(config), events.append)
    made = [one["environment"] for one in api.named("create_container")]
    assert [one.get("PASSWORD") for one in made] == ["of the shell", None]
    assert not any({"TOKEN", "MLDEPLOY_SECRETS"} & one.keys() for one in made)
    assert Note(SAID, "warning") in events
