"""`plan -o markdown`: a pull request's comment on stdout, read here by a Markdown parser."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from mldeploy.monitoring.results import Planned
from mldeploy.monitoring.where import Where
from mldeploy.plan.consequences import Consequences
from mldeploy.plan.diff import Change, Plan
from mldeploy.render import renderer_for
from mldeploy.render.words import Words
from mldeploy.resources.function import Function
from tests.strict.aws import StrictAws
from tests.support.commands import Command, run
from tests.support.projects import CONFIG, write_bundle

Captured = pytest.CaptureFixture[str]


def parsed(text: str) -> tuple[str, dict[str, str], dict[str, list[str]]]:
    """Return the heading, the table's rows, and the lines of each block of code by its language."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [one.content for one in tokens if one.type == "inline"]
    cells = [
        "".join(child.content for child in tokens[at + 1].children or [])
        for at, one in enumerate(tokens)
        if one.type == "td_open"
    ]
    blocks = {one.info: one.content.splitlines() for one in tokens if one.type == "fence"}
    return inline[0], dict(zip(cells[::2], cells[1::2], strict=True)), blocks


def test_a_plan_as_a_comment(command: Command, project: Path, capsys: Captured) -> None:
    """The place as a table, the changes as a coloured diff, what is public in the open."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    (project / "mldeploy.toml").write_text(CONFIG.replace("512", "1024"))
    capsys.readouterr()
    assert run(["plan", "-o", "markdown", "--exit-code"]) == 3
    shown = capsys.readouterr()
    heading, place, blocks = parsed(shown.out)
    assert heading == "mldeploy: iris, stage dev"
    assert (place["account"], place["target"]) == ("123456789012", "aws")
    assert place["live"].startswith("predict: release ")
    diff = blocks["diff"]
    assert "! update function mldeploy_iris_dev_predict" in diff
    assert "!     memory: 512 → 1024" in diff
    assert [line[0] for line in diff if "image" in line][:1] == ["+"]
    assert "Plan: 2 to create, 2 to update." in shown.out
    assert "PUBLIC: anyone may call this API" in shown.out.replace("\\", "")
    assert "Plan:" not in shown.err


def test_no_changes_make_a_comment_too(command: Command, capsys: Captured) -> None:
    """A sentence, and no empty block."""
    command("deploy")
    capsys.readouterr()
    assert run(["plan", "--output=markdown", "--exit-code"]) == 0
    text = capsys.readouterr().out
    assert "No changes" in text
    assert parsed(text)[2] == {}


def test_an_error_is_no_comment(project: Path, aws: StrictAws, capsys: Captured) -> None:
    """It goes to stderr; an empty stdout can't be taken for a plan without changes."""
    aws.deny("lambda:GetFunction")
    assert run(["plan", "-o", "markdown"]) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "error[MLD402]" in shown.err


def test_names_are_no_markup(capsys: Captured) -> None:
    """A name or a value that somebody chose ends no row and no block, and makes no link."""
    hostile = "```` | [x](http://evil) <b> @all\n# y"
    change = Change("update", Function("f", role="a"), Function("f", role=hostile))
    where = Where("iris", "dev", "1", hostile, "eu-central-1", "--region", "aws", ())
    renderer = renderer_for("plan", "markdown", debug=False)
    planned = Planned.of(Plan((change,)), where, public=False)
    renderer.show_plan(planned, Consequences(opened=(f"becomes PUBLIC: {hostile}",)))
    renderer.result(planned, Words())
    text = capsys.readouterr().out
    heading, place, blocks = parsed(text)
    assert heading == "mldeploy: iris, stage dev"
    assert list(place) == ["project", "stage", "account", "region", "target", "live"]
    shown = hostile.replace("\n", "\\n")
    assert place["account"] == f"1 ({shown})"
    assert blocks == {"diff": ["! update function f", f"!     role: a → {shown}"]}
    kinds = {child.type for one in MarkdownIt("gfm-like", {"linkify": False}).parse(text)
             for child in one.children or []}  # fmt: skip
    assert not kinds & {"link_open", "html_inline", "code_inline"}


@pytest.mark.parametrize("command_", ["deploy", "status", "destroy"])
def test_other_commands_have_no_markdown(command_: str, project: Path, capsys: Captured) -> None:
    """Only a plan is a comment: elsewhere the option is refused with what is allowed."""
    assert run([command_, "-o", "markdown"]) == 2
    assert "error[MLD100]" in capsys.readouterr().err
