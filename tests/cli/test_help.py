"""Help texts as people read them, and answers to commands and options that don't exist."""

import re
import subprocess
import sys

import pytest
from typer.core import TyperArgument, TyperOption

from mldeploy.cli import usage
from mldeploy.cli.app import every_command, run
from mldeploy.cli.commands import COMMANDS
from mldeploy.cli.helping import default_of

Said = pytest.CaptureFixture[str]
COMMANDS_BELOW = sorted(every_command())


def shown(*arguments: str) -> str:
    """Return what a command line prints to stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", [*COMMANDS_BELOW, "local", "iam"])
def test_a_help_text_is_for_people(
    name: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """It fits, has examples, and shows neither Python's types nor brackets in brackets."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= columns
    assert re.findall(r"<\w|\[\[|x[<>]=|\bNone\b|Annotated|default: \)", text) == []
    assert "\nExamples:\n" in text
    assert "\nOutput:\n" in text


@pytest.mark.parametrize("name", COMMANDS_BELOW)
def test_every_option_is_explained(name: str) -> None:
    """It has a text, and a value has a name in capitals, its choices or its form."""
    for one in every_command()[name].params:
        if isinstance(one, TyperOption | TyperArgument) and not one.hidden:
            assert one.help, one.name
            flag = isinstance(one, TyperOption) and one.is_flag
            assert flag or one.metavar or one.type_descriptor.choices, one.name


def test_defaults_are_shown(capsys: Said) -> None:
    """Those of numbers, of choices, and those that come from elsewhere."""
    assert run(["serve", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for default in ("8000", "2", "human", "MLDEPLOY_STAGE, else dev", "mldeploy.toml here"):
        assert f"(default: {default}" in text


def test_no_default_is_hidden() -> None:
    """A default that isn't empty is part of the text."""
    for command in every_command().values():
        for one in command.params:
            if isinstance(one, TyperOption | TyperArgument) and one.default not in (
                None,
                False,
                "",
            ):
                assert default_of(one), f"{command.name} {one.name}"


def test_help_is_a_word_too(capsys: Said) -> None:
    """`mldeploy help CMD` is `mldeploy CMD --help`, also of a command below another."""
    for words in (["plan"], ["local", "stop"], ["iam"]):
        assert run([*words, "--help"]) == 0
        expected = capsys.readouterr().out
        assert run(["help", *words]) == 0
        assert capsys.readouterr().out == expected
    assert shown("help") == shown("--help") == shown("-h") == shown("help", "help")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("undeploy", "unknown command 'undeploy'", "did you mean `mldeploy destroy`?"),
        ("remove", "'remove'", "`mldeploy destroy`"),
        ("predict", "'predict'", "did you mean `mldeploy invoke`?"),
        ("call", "'call'", "`mldeploy invoke`"),
        ("start", "'start'", "`mldeploy serve`"),
        ("run", "'run'", "`mldeploy serve`"),
        ("ls", "'ls'", "did you mean `mldeploy releases` or `mldeploy stages`?"),
        ("Deploy", "'Deploy'", "did you mean `mldeploy deploy`?"),
        ("xyzzy", "'xyzzy'", "`mldeploy --help` lists the commands"),
        ("help undeploy", "'undeploy'", "`mldeploy destroy`"),
        ("local strt", "`mldeploy local` has no command 'strt'", "`mldeploy local start`"),
        ("local", "`mldeploy local` needs a command", "use one of: start, status, stop"),
        ("plan --env x", "`mldeploy plan` has no option --env", "did you mean `--stage`?"),
        ("plan --stge x", "no option --stge", "did you mean `--stage`?"),
        ("plan --json", "no option --json", "did you mean `-o json`?"),
        ("deploy --dry-run", "no option --dry-run", "did you mean `mldeploy plan`, which changes"),
        ("destroy --force", "no option --force", "did you mean `--yes`?"),
        ("status --nope", "no option --nope", "`mldeploy status --help` shows its options"),
        ("iam trust --repo x", "`mldeploy iam trust` has no option", "`mldeploy iam trust --help`"),
        ("promote dev", "Missing argument 'TO'", "`mldeploy promote --help` shows"),
        ("serve --port x", "Invalid value for '--port'", "`mldeploy serve --help`"),
        ("plan --stage", "Option '--stage' requires an argument", "`mldeploy plan --help`"),
        ("--stage x deploy", "--stage is before the command", "`mldeploy deploy --stage x`"),
        ("--stage x", "no command was given", "`mldeploy --help`"),
    ],
)
def test_a_mistake_gets_a_suggestion_and_nothing_is_run(
    line: str, message: str, hint: str, capsys: Said
) -> None:
    """Exit code 2, what is wrong by its name, and what was probably meant."""
    assert run(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "error[MLD100]: " in said.err
    assert message in said.err
    assert hint in said.err


def test_other_names_lead_to_commands_and_hide_none() -> None:
    """A name that became a command isn't a synonym of another; each synonym's command exists."""
    words = {word for others in usage.OTHER_COMMANDS.values() for word in others.split()}
    assert words & COMMANDS.keys() == set()
    assert usage.OTHER_COMMANDS.keys() <= COMMANDS.keys()
    known = {
        name for one in every_command().values() for option in one.params for name in option.opts
    }
    assert usage.OTHER_OPTIONS.keys() <= known
