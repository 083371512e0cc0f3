"""What every command writes with -o json, held to the schema that ships.

`json_command` does so with what it gives; here are those of all commands, in one story.
"""

import json
import time
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from pathlib import Path
from shutil import copytree
from typing import Any, cast

import jsonschema
import pytest
from typer.models import CommandInfo

from mldeploy.cli import import_, train
from mldeploy.cli.app import typer_app
from mldeploy.cli.commands import COMMANDS
from mldeploy.http.call import Answer
from mldeploy.images.cold_start import ColdStart
from mldeploy.model.bundle import Bundle
from mldeploy.render.results import RESULTS
from tests.cli.test_audit import pushed, put_bill, scanned
from tests.cli.test_client import DOCUMENT
from tests.cli.test_stages import PREVIEWS
from tests.strict.aws import StrictAws
from tests.support.commands import REACH, Command
from tests.support.embedded import own_cloud
from tests.support.envelopes import closed, held, shipped
from tests.support.generators import stand_in
from tests.support.models import FRAME, bundle_of
from tests.support.projects import write_bundle
from tests.support.served import serving, tiny_project
from tests.support.stacks import RegistryOnly, without_engine
from tools import output_schema

Call = Callable[..., dict[str, Any]]
MEASURED = ColdStart((("sklearn", 0.9), ("numpy", 0.1)), 1.1, 0.3, 0.02, 0.001, (2.0, 1.5, 2.5))
GITHUB = ("--github", "owner/name", "--account", "123456789012")


def test_the_schema_and_its_page_are_the_dataclasses() -> None:
    """After a change of a result: python -m tools.output_schema."""
    assert output_schema.SCHEMA.read_text() == output_schema.text()
    assert output_schema.PAGE.read_text() == output_schema.page()


def test_results_are_frozen_dataclasses() -> None:
    """What a command gives isn't changed while it is shown."""
    classes = {one for some in RESULTS.values() for one in some}
    assert [one for one in classes if not is_dataclass(one)] == []
    assert [one for one in classes if not one.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]


def test_every_command_has_its_result() -> None:
    """Those of `--help`, with the subcommands of two of them."""
    found = set()
    for name in COMMANDS:
        groups = [one.typer_instance for one in typer_app(name).registered_groups]
        below = [one for group in groups if group for one in group.registered_commands]
        found |= {f"{name} {_name(one)}" for one in below} or {name}
    assert found == set(RESULTS)


def _name(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))


@pytest.fixture
def seen() -> set[str]:
    """The commands whose output was captured."""
    return set()


@pytest.fixture
def call(seen: set[str], command: Command) -> Call:
    """Run a command, which must succeed; return its result, held to the schema."""

    def run_it(*arguments: str) -> dict[str, Any]:
        code, envelope = command(*arguments)
        assert code == 0, envelope
        words = " ".join(arguments[:2])
        seen.add(words if words in RESULTS else arguments[0])
        return dict(envelope["result"])

    return run_it


def on_aws(call: Call, project: Path, aws: StrictAws) -> None:
    """A stage's life: two releases, the way back, another stage, the end."""
    assert call("status")["deployed"] is False
    call("push")
    call("plan", "--out", "plan.json")
    call("deploy", "--plan", "plan.json")
    call("invoke")
    assert call("open")["opened"] is None
    with REACH.within(call=lambda *_, **_more: Answer(200, json.dumps(DOCUMENT), 1.0)):
        assert call("client", "python")["lines"]
    write(aws)
    assert call("logs")["events"]
    write_bundle(project / "model", "a better model", metrics={"accuracy": 0.9})
    call("compile")
    call("report")
    call("push")
    digest, bill = pushed(aws, project)
    put_bill(aws, digest, bill)
    scanned(digest, "LOW")
    assert call("audit")["images"][0]["bill"]
    assert call("plan")["models"]
    call("deploy")
    assert call("status")["changes"] == []
    assert len(call("releases")["releases"]) == 2
    call("rollback")
    call("promote", "dev", "prod")
    assert len(call("stages")["stages"]) == 2
    assert call("destroy", "--expired")["stages"] == []
    assert call("destroy", "--yes", "--stage", "prod")["changes"]


def write(aws: StrictAws) -> None:
    """Let the function have written a line."""
    logs, group = aws.client("logs"), "/aws/lambda/mldeploy_iris_dev_predict"
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    event = {"timestamp": int(time.time() * 1000) - 50, "message": "a line"}
    logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=[event])


class Measuring:
    """A runner whose containers take a known time."""

    def measure(self, *_: object) -> ColdStart:
        return MEASURED


def on_this_machine(call: Call, folder: Path, aws: StrictAws, patch: pytest.MonkeyPatch) -> None:
    """What calls no AWS; training and measuring were done once, or need an engine."""
    (folder / "tmp").mkdir()
    patch.setenv("TMPDIR", str(folder / "tmp"))
    patch.setattr("tempfile.tempdir", None)
    patch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    bundle = bundle_of(FRAME)
    patch.setattr(train, "train_bundle", lambda *_, **__: bundle)
    patch.setattr(import_, "import_model", lambda *_, **__: bundle)
    built = without_engine(RegistryOnly(aws.put_image))
    making = replace(built, runner=cast("Any", Measuring()))
    REACH(making=lambda _builder: making)
    call("init", str(folder / "new"), "--yes")
    call("train")
    call("import", "model.onnx")
    scored(call, folder, bundle)
    call("events")
    call("events", "--out", "events")
    call("build")
    call("cold-start")
    call("clean", "--yes")
    call("explain", "MLD402")
    call("completion", "bash")
    call("iam", "policy")
    call("iam", "boundary")
    call("iam", "trust", *GITHUB)
    with own_cloud(folder / "local"):
        call("local", "start", "--functions", "process")
        call("local", "status")
        assert call("local", "stop") == {"stopped": True}


def scored(call: Call, folder: Path, bundle: Bundle) -> None:
    """Score a row with a model, and estimate it."""
    copytree(bundle.path, folder / "scored" / "model")
    file = folder / "scored" / "mldeploy.toml"
    file.write_text('[project]\nname = "x"\n[api]\nauth = "none"\n[functions.predict]\n')
    (folder / "row.jsonl").write_text(json.dumps(bundle.golden["inputs"][0]))
    where = (str(folder / "row.jsonl"), str(folder / "predictions"), "--config", str(file))
    call("batch", *where)
    call("batch", *where, "--dry-run")


def test_every_commands_output_is_as_the_schema_says(  # noqa: PLR0917 - fixtures
    call: Call,
    seen: set[str],
    project: Path,
    aws: StrictAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the package `jsonschema`; no command is left out."""
    (project / "mldeploy.toml").write_text(PREVIEWS)
    stand_in(tmp_path / "generators", monkeypatch)
    on_aws(call, project, aws)
    on_this_machine(call, tmp_path, aws, monkeypatch)
    with serving(tiny_project(tmp_path / "tiny"), "--port", "0", "-o", "json") as served:
        held(json.loads(served.url))
        seen.add("serve")
    assert set(RESULTS) - seen == set()


def test_an_output_of_another_shape_is_found() -> None:
    """A key that is missing, another type, another command's result, and a key too many."""
    good = {"format": 1, "command": "local", "ok": True, "result": {"stopped": True}}
    held(good)
    for wrong in (
        {**good, "result": {}},
        {**good, "result": {"stopped": "yes"}},
        {**good, "command": "plan"},
        {**good, "command": "nope"},
        {**good, "ok": False},
        {**good, "format": 2},
        {**good, "result": {"stopped": True, "more": 1}},
    ):
        with pytest.raises(AssertionError):
            held(wrong)
    assert jsonschema.Draft202012Validator(shipped()).is_valid(
        {**good, "result": {"stopped": True, "more": 1}}
    )
    assert closed(shipped()) != shipped()
