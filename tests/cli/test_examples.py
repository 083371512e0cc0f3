"""The examples: their READMEs name what is there, and `mldeploy serve` answers as they say."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest
import typer

from mldeploy.cli.app import run, typer_app
from mldeploy.cli.init import Template
from mldeploy.config.file import load_config
from mldeploy.invoke.requests import Request, request_of_event
from mldeploy.model.expected import differences
from mldeploy.project.templates import TEMPLATES
from tests.support.readmes import EXAMPLES, NAMES, answers, commands, curl, files
from tests.support.served import Served, payload, serving
from tests.support.wheel_index import index_of_all

BY_EXAMPLE = {one.example: name for name, one in TEMPLATES.items()}


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An example as its template makes it, trained by the real command; it needs no index."""
    folder = tmp_path / str(request.param)
    for words in (
        ["init", str(folder), "--template", BY_EXAMPLE[folder.name], "--auth", "none"],
        ["train", "--config", str(folder / "mldeploy.toml")],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "mldeploy", *words],
            cwd=tmp_path,
            env={**environ(), "MLDEPLOY_IMAGE__INDEX_URL": index_of_all()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder


def environ() -> dict[str, str]:
    """Return the variables without a region, which `init` would write into the file."""
    return {name: one for name, one in os.environ.items() if "REGION" not in name}


def test_every_example_is_a_template() -> None:
    """And the options of `init` are these."""
    assert sorted(BY_EXAMPLE) == NAMES
    assert set(get_args(Template)) == set(TEMPLATES)


@pytest.mark.parametrize("project", NAMES, indirect=True)
def test_an_example_is_served_as_its_readme_says(project: Path) -> None:
    """Each curl is answered as shown, each event as its folder says, until Ctrl-C: 130.

    The project is what `init --template` makes with the example's name: the example, to the byte.
    """
    assert_files_are_those_of_the_example(project)
    with serving(project, "--port", "0") as served:
        assert_answers_are_those_shown(served, project)
        assert_predictions_are_those_of_training(served, project)
        assert_events_are_taken_or_refused(served, project)
        assert_documents_are_served(served, project)
        assert served.interrupt() == 130
    assert_events_are_those_that_mldeploy_writes(project)


def assert_files_are_those_of_the_example(project: Path) -> None:
    """Nothing is added, left out or changed by the template, if all answers are the example's."""
    example = EXAMPLES / project.name
    for file in sorted(one for one in example.rglob("*") if one.is_file()):
        name = file.relative_to(example)
        if not {"model", "models", "__pycache__"} & set(name.parts):
            assert (project / name).read_bytes() == file.read_bytes(), name


def assert_answers_are_those_shown(served: Served, project: Path) -> None:
    """Send every curl command of the README; its answer is printed below it."""
    shown = commands(project.name, "curl")
    assert shown
    for one in shown:
        request = curl(one.words, project)
        answer = served.send(urlsplit(request.url).path, request.body, request.content_type)
        assert one.prints(answer.data.decode()), answer.data.decode()


def assert_predictions_are_those_of_training(served: Served, project: Path) -> None:
    """The held-out rows get what the trained model said of them, whichever model it is."""
    config = load_config(project, environ={})
    for function in (one for one in config.functions if not one.custom):
        golden = json.loads((config.of_model(function.model).bundle / "golden.json").read_text())
        body = json.dumps({"instances": golden["inputs"]}).encode()
        answer = served.send(function.route.partition(" ")[2], body)
        assert differences(golden["predictions"], payload(answer)["predictions"]) == []


def assert_events_are_taken_or_refused(served: Served, project: Path) -> None:
    """Those in invalid/ are a client's mistake, and the README shows their answers."""
    for file in sorted((project / "events").rglob("*.json")):
        event = request_of_event(file)
        answer = served.send(path_of(event, project), event.body, event.content_type)
        if file.parent.name == "invalid":
            assert 400 <= answer.status < 500, file
            text = answer.data.decode()
            assert any(one.prints(text) for one in answers(project.name)), text
        else:
            assert answer.status == 200, file


def path_of(event: Request, project: Path) -> str:
    """Return where an event goes, as with `invoke`: its own route, or else the function's."""
    routes = [one.route.partition(" ")[2] for one in load_config(project, environ={}).functions]
    return event.path if event.path in routes else routes[0]


def assert_documents_are_served(served: Served, project: Path) -> None:
    """Each of `paths` is answered; /openapi.json knows the function's route."""
    for function in load_config(project, environ={}).functions:
        for path in function.paths:
            assert served.ask(path, method="GET").status == 200, path
        if "/openapi.json" in function.paths:
            document = payload(served.ask("/openapi.json", method="GET"))
            assert document["openapi"].startswith("3.1")
            assert "post" in document["paths"][function.route.partition(" ")[2]]


def assert_events_are_those_that_mldeploy_writes(project: Path) -> None:
    """A file with the name of a sample event is that event, to the byte."""
    fresh, kept = project / "fresh", project / "events"
    for function in load_config(project, environ={}).functions:
        options = ["events", "-c", str(project), "--function", function.name]
        assert run([*options, "--out", str(fresh)]) == 0
        assert run([*options, "--invalid", "--out", str(fresh / "invalid")]) == 0
    names = {one.relative_to(fresh) for one in fresh.rglob("*.json")}
    same = names & {one.relative_to(kept) for one in kept.rglob("*.json")}
    assert same
    for name in same:
        assert (kept / name).read_text() == (fresh / name).read_text(), name


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_what_its_readme_names(name: str) -> None:
    """Its files exist, and an example has a README, events of both kinds, and what git ignores."""
    folder = EXAMPLES / name
    assert {one for one in files(name) if not (folder / one).exists()} == set()
    for needed in ("*.py", ".gitignore", "events/*.json", "events/invalid/*.json"):
        assert list(folder.glob(needed)), needed
    for event in (folder / "events").rglob("*.json"):
        assert event.relative_to(folder).as_posix() in files(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_of_a_readme_exist(name: str) -> None:
    """From train to destroy, with options that they have, and the project's own name."""
    shown = [one.words[1:] for one in commands(name, "mldeploy")]
    assert {"train", "serve", "deploy", "invoke", "destroy"} <= {words[0] for words in shown}
    for command, *words in shown:
        assert {one for one in words if one.startswith("-")} <= options(command), command
    project = load_config(EXAMPLES / name, environ={}).name
    assert ["destroy", "--confirm", project] in shown
    assert project == name


def options(command: str) -> set[str]:
    """Return the options of a command."""
    app = typer.main.get_command(typer_app(command))
    assert isinstance(app, typer.core.TyperGroup)
    return {option for one in app.commands[command].params for option in one.opts}
