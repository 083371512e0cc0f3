"""What comes next: after each result, with the options that the command had."""

import shlex
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mldeploy.cli.app import every_command
from mldeploy.invoke.clients.making import GeneratedClient
from mldeploy.local.served import Served, ServedFunction
from mldeploy.model.compiled.explaining import Compilation
from mldeploy.render.human import Human
from mldeploy.render.next_steps import STEPS, carried, next_after
from mldeploy.render.report.writing import Reported
from mldeploy.render.results import RESULTS
from mldeploy.render.words import Words

WRITTEN = Reported("r.html", "c.md", charts=True)


def test_every_result_has_a_next_step_or_none_on_purpose() -> None:
    """A new command's result goes into STEPS, with None and a reason if nothing follows."""
    assert {one.__name__ for some in RESULTS.values() for one in some} == set(STEPS)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("deploy --stage prod --yes", {"--stage": "prod"}),
        ("deploy -s prod -c a/b.toml", {"--stage": "prod", "--config": "a/b.toml"}),
        ("plan --target=local --out x", {"--target": "local"}),
        ("invoke --data -", {}),
        ("deploy --stage", {}),
    ],
)
def test_the_next_command_works_in_the_same_place(line: str, options: dict[str, str]) -> None:
    """Options of the stage, the account and the file are carried over."""
    assert carried(shlex.split(line)) == options


def test_commands_without_aws_take_the_file_alone() -> None:
    """`serve` has no --region."""
    options = {"--region": "eu-west-1", "--config": "my file.toml"}
    assert next_after(WRITTEN, options) == (
        "mldeploy serve --config 'my file.toml' to try it here, or "
        "mldeploy deploy --region eu-west-1 --config 'my file.toml'"
    )


def test_the_stage_of_a_promotion_is_the_one_that_it_deployed_to() -> None:
    """`promote dev prod` names it without an option."""

    class Deployed(SimpleNamespace):
        pass

    found = Deployed(outputs=SimpleNamespace(stage="prod"))
    assert next_after(found, {}) == "mldeploy invoke --stage prod, then mldeploy logs --stage prod"


def test_a_model_that_isnt_compiled_is_explained() -> None:
    """Unless its steps were just shown."""
    found = Compilation("model", False, "why", 0, 0.0, 0, ())  # noqa: FBT003
    assert next_after(found, {}) == "mldeploy compile --explain"


def sample(name: str) -> Any:
    """Return something that has what the step of a result looks at."""
    planned = SimpleNamespace(changes=("one",), where=SimpleNamespace(target="aws"))
    return type(name, (SimpleNamespace,), {})(
        compiled=True, deployed=True, of_gateway=False, trained=True, files=("a.json",),
        functions=(SimpleNamespace(url="http://127.0.0.1:8000/predict"),), routes=(),
        out=None, planned=planned, proposal=SimpleNamespace(planned=planned), releases=(1, 2),
        steps=(), language="python", lines=(), path="c", target="https://a.example/", url="http://127.0.0.1:8000/predict",
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step])
def test_it_names_commands_that_exist(name: str) -> None:
    """With options that they have."""
    known = every_command()
    words = next_after(sample(name), {"--config": "c.toml", "--stage": "prod"})
    named = [one.split(",")[0].split(";")[0] for one in words.split("mldeploy ")[1:]]
    assert named or name in {"Served", "GeneratedClient"}
    for line in named:
        command, *rest = line.split()
        function = known[command].callback
        options = {one for one in rest if one.startswith("--")}
        assert not [one for one in options if one[2:] not in function.__annotations__], line


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (("/predict", "/docs", "/"), "open http://127.0.0.1:8001/ in a browser"),
        (("/predict", "/docs"), "open http://127.0.0.1:8001/docs in a browser"),
        (("/predict",), "send requests to http://127.0.0.1:8001/predict"),
    ],
)
def test_a_served_project_names_its_page(paths: tuple[str, ...], words: str) -> None:
    """With the address; the route of predictions if there is no page."""
    here = "http://127.0.0.1:8001"
    routes = tuple(("predict", "GET", here + path) for path in paths)
    found = Served(here, (ServedFunction("predict", "POST /predict", here + paths[0]),), routes, "")
    assert next_after(found, {}) == words


def test_a_client_is_followed_by_the_lines_that_call_the_model() -> None:
    """As they are: {} in a value isn't a place for options."""
    lines = ("import a", "print(a({'text': '{} {here}'}))")
    found = GeneratedClient("my clients", "python", "", "", "", lines)
    following = "pip install 'my clients', then in Python:\n  " + "\n  ".join(lines)
    assert next_after(found, {"--stage": "prod", "--config": "c.toml"}) == following
    assert next_after(replace(found, lines=()), {}) == "pip install 'my clients'"


def test_it_is_the_last_line_for_people_and_not_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On stderr, after the result."""
    from mldeploy.render.json import Json

    Human().result(WRITTEN, Words("r.html", ("a note",)))
    said = capsys.readouterr()
    assert said.out == "r.html\n"
    assert said.err.splitlines()[-1].startswith("next: mldeploy serve")
    Json("report", Human()).result(WRITTEN, Words("r.html", ("a note",)))
    assert capsys.readouterr().err == "a note\n"
