"""`mldeploy init`, through the real entry, and on a terminal."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mldeploy.cli.app import run
from mldeploy.cli.init import init
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.render.words import Words
from mldeploy.text.data import as_data


@pytest.fixture(autouse=True)
def no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own region out of the answers."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "MLDEPLOY_OUTPUT"):
        monkeypatch.delenv(name, raising=False)


class Terminal:
    """A renderer with a person before it, who gives these answers in turn."""

    interactive = True

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []
        self.said: list[str] = []
        self.data: dict[str, Any] = {}

    def say(self, text: str) -> None:
        """Note a line of prose."""
        self.said.append(text)

    def result(self, result: object, words: Words) -> None:
        """Note the result, and what is said of it."""
        self.data = as_data(result)
        self.said += [note for note in words.notes if isinstance(note, str)]

    def ask(self, question: str, default: str) -> str:
        """Give the next answer; "" is Enter."""
        self.questions.append(question)
        return self.answers.pop(0) or default

    def choose(self, question: str, _: Sequence[str], default: str) -> str:
        """Give the next answer; "" is Enter."""
        return self.ask(question, default)


def on_terminal(terminal: Terminal, folder: Path, **flags: Any) -> None:
    """Run init as the command does, with a person before it."""
    reached = SimpleNamespace(renderer=terminal)
    init(SimpleNamespace(obj=reached), folder, **flags)  # type: ignore[arg-type]


def test_yes_takes_every_default_and_prints_the_projects_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is the result alone; nothing is public by a default."""
    assert run(["init", str(tmp_path / "iris"), "--yes"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{tmp_path / 'iris'}\n"
    assert "PUBLIC" not in captured.err
    config = load_config(tmp_path / "iris", environ={})
    assert (config.name, config.region, config.api.auth) == ("iris", "", "iam")


def test_without_a_terminal_who_may_call_must_be_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is asked and nothing is made public by silence: exit 2, nothing written."""
    assert run(["init", str(tmp_path / "iris")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error[MLD122]" in captured.err
    for flag in ("--auth none", "--auth iam", "--yes"):
        assert flag in captured.err
    assert not (tmp_path / "iris").exists()


def test_every_answer_has_a_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script needs no terminal; the result is an envelope when asked for."""
    flags = ["--name", "other", "--region", "eu-central-1", "--auth", "iam", "--memory", "2048"]
    assert run(["init", str(tmp_path / "iris"), *flags, "-o", "json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["name"], result["auth"]) == ("other", "iam")
    config = load_config(Path(result["project"]), environ={})
    assert (config.name, config.region, config.api.auth) == ("other", "eu-central-1", "iam")
    assert config.functions[0].memory == 2048


def test_on_a_terminal_it_asks_and_saves_the_answers(tmp_path: Path) -> None:
    """Enter takes the default, which for `auth` is the closed one."""
    terminal = Terminal("", "", "eu-west-1", "")
    on_terminal(terminal, tmp_path / "My Model", memory=512)
    config = load_config(tmp_path / "My Model", environ={})
    assert (config.name, config.region, config.api.auth) == ("my-model", "eu-west-1", "iam")
    assert config.functions[0].memory == 512
    assert any("PUBLIC" in text for text in terminal.said)


def test_yes_and_enter_give_the_same_file(tmp_path: Path) -> None:
    """A default is one, whoever takes it."""
    on_terminal(Terminal("", "iris", "", ""), tmp_path / "asked")
    on_terminal(Terminal(), tmp_path / "told", name="iris", yes=True)
    files = [(tmp_path / name / "mldeploy.toml").read_text() for name in ("asked", "told")]
    assert files[0] == files[1]


def test_a_public_endpoint_is_said_to_be_one(tmp_path: Path) -> None:
    """Whoever asks for it reads what it means."""
    terminal = Terminal()
    on_terminal(terminal, tmp_path / "iris", auth="none", yes=True)
    assert any("PUBLIC" in text for text in terminal.said)


def test_what_a_flag_has_said_is_not_asked(tmp_path: Path) -> None:
    """And with --yes nothing is."""
    terminal = Terminal("", "")
    on_terminal(terminal, tmp_path / "a", name="x", auth="iam")
    assert terminal.questions == ["template", "region"]
    terminal = Terminal()
    on_terminal(terminal, tmp_path / "b", yes=True)
    assert terminal.questions == []


def test_an_existing_project_is_refused_before_the_questions(tmp_path: Path) -> None:
    """Nobody answers four questions for nothing."""
    (tmp_path / "mldeploy.toml").touch()
    terminal = Terminal()
    with pytest.raises(MldeployError) as raised:
        on_terminal(terminal, tmp_path)
    assert raised.value.code == "MLD121"


def test_the_environments_region_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file then says what the shell said, for every later shell."""
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    on_terminal(Terminal(), tmp_path / "a", yes=True)
    assert load_config(tmp_path / "a", environ={}).region == "eu-west-3"


def test_files_that_were_there_are_named(tmp_path: Path) -> None:
    """They are left alone, and the user is told which."""
    first, second = Terminal(), Terminal()
    on_terminal(first, tmp_path / "a", yes=True)
    mine = next(name for name in first.data["created"] if name.endswith(".py"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / mine).write_text("mine")
    on_terminal(second, tmp_path / "b", yes=True)
    assert second.data["kept"] == [mine]
    assert any(mine in text for text in second.said if text.startswith("kept existing files"))
