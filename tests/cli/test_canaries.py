"""No secret gets out: not at a crash of any step, whatever the error's message quotes."""

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mldeploy.images.making import with_docker
from tests.strict.aws import StrictAws
from tests.strict.calls import Call
from tests.strict.faults import Faults
from tests.support.canaries import EVERYTHING, LOGIN, MARK, Canaries, set_canaries
from tests.support.commands import REACH, run
from tests.support.engine_api import FakeApi
from tests.support.served import children, serving, tiny_project

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def canaries(project: Path, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """A project on strict AWS, with a canary wherever a secret may be."""
    return set_canaries(project, "predict", monkeypatch)


def shown(capsys: Captured, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code, and all that it wrote."""
    code = run(arguments)
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.mark.parametrize("output", ["human", "json"])
def test_deploy_tells_no_secret_at_a_crash_of_any_call(
    canaries: Canaries, aws: StrictAws, monkeypatch: pytest.MonkeyPatch, capsys: Captured,
    output: str,
) -> None:  # fmt: skip
    """Each kind of call crashes once before and once after it, with an error that quotes it all."""
    seen: set[tuple[str, str]] = set()

    def crash(_faults: Faults, call: Call, when: str) -> None:
        if (call.name, when) not in seen:
            seen.add((call.name, when))
            raise RuntimeError(f"{EVERYTHING} {call.params} {dict(os.environ)}")

    monkeypatch.setattr(Faults, "crash_if_due", crash)
    code, texts = 1, []
    for _ in range(200):
        code, text = shown(capsys, "deploy", "--yes", "--debug", "-o", output)
        texts.append(text)
        if code == 0:
            break
    canaries.check(*texts)
    assert code == 0
    assert len(seen) > 60
    assert len(list(canaries.logs.glob("*"))) > 10
    assert MARK not in repr([call for call in aws.calls if call.service != "lambda"])


@pytest.mark.parametrize("command", ["plan", "status", "releases", "destroy"])
def test_other_commands_tell_no_secret(
    canaries: Canaries, aws: StrictAws, capsys: Captured, command: str
) -> None:
    """With --debug, in both forms; AWS's own refusals may quote what they were sent, too."""
    assert shown(capsys, "deploy", "--yes")[0] == 0
    aws.deny("lambda:GetFunction")
    for more in ((), ("-o", "json"), ("--debug",)):
        options = ("--confirm", "iris") if command == "destroy" else ()
        canaries.check(shown(capsys, command, *options, *more)[1])


def test_a_refusal_of_aws_may_quote_the_environment(
    canaries: Canaries, aws: StrictAws, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """As "String measured: {…}" does, of a function whose variables are too long."""
    from tests.strict.calls import RefusedError

    def refuse(_faults: Faults, call: Call, when: str) -> None:
        if call.name == "lambda:CreateFunction" and when == "before":
            told = json.dumps(call.params["Environment"]["Variables"])
            raise RefusedError("InvalidParameterValueException", f"String measured: {told}")

    monkeypatch.setattr(Faults, "crash_if_due", refuse)
    code, text = shown(capsys, "deploy", "--yes", "--debug")
    assert code == 1
    assert "String measured" in text
    canaries.check(text)


STEPS = (
    *("info", "inspect_image", "build", "history", "get_image", "create_container", "start"),
    *("wait", "logs", "remove_container"),
)


def built(api: FakeApi, capsys: Captured) -> tuple[int, str]:
    """Run `build` on an engine."""
    with REACH.within(making=lambda _builder: with_docker(api)):
        return shown(capsys, "build", "--debug")


@pytest.mark.parametrize("step", STEPS)
def test_build_tells_no_secret_at_a_crash_of_any_step(
    canaries: Canaries, capsys: Captured, step: str
) -> None:
    """The engine's client fails at a step, with an error that quotes everything."""
    api = FakeApi(**{step: RuntimeError(f"{EVERYTHING} {dict(os.environ)}")})
    code, text = built(api, capsys)
    assert api.named(step), "the step wasn't taken"
    assert code != 0
    canaries.check(text)


def test_the_engine_gets_no_secret_but_the_trial_s_variables(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """Not in the context, a label or an argument; the index's login for pip alone."""
    api = FakeApi()
    api.log = b'[{"predictions": [{"value": 1.0}], "problems": []}]\n'
    contexts: list[dict[str, bytes]] = []

    def build(**given: Any) -> Any:
        with tarfile.open(fileobj=given.pop("fileobj")) as tar:
            streams = {one.name: tar.extractfile(one) for one in tar.getmembers()}
            contexts.append({name: one.read() for name, one in streams.items() if one})
        return FakeApi.build(api, **given)

    monkeypatch.setattr(api, "build", build)
    code, text = built(api, capsys)
    assert code == 0, text
    (context,) = contexts
    login = context.pop("pip/pip.conf")
    assert LOGIN.encode() in login
    assert not [name for name, content in context.items() if MARK.encode() in content]
    made = [given for name, given in api.calls if name != "create_container"]
    assert MARK not in repr(made)
    (container,) = api.named("create_container")
    assert container["environment"]["PASSWORD"] == "c4nary-of-the-shell"
    assert MARK not in repr({**container, "environment": {}})


def test_a_container_that_prints_its_variables_is_masked(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """What a failed check shows of its log has no value in it."""
    api = FakeApi()
    api.code, api.log = 1, EVERYTHING.encode() + b'\n{"problems": ["c4nary-of-the-shell"]}\n'
    code, text = built(api, capsys)
    assert code == 5
    assert "MLD305" in text
    canaries.check(text)


HANDLER = """\
import os

os.environ.pop("LEVEL")  # a text of the file, which a function may log
raise RuntimeError(" ".join(f"{name}={value}" for name, value in os.environ.items()))
"""


@pytest.mark.parametrize("kind", ["answers", "crashes"])
def test_serve_tells_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """No process's command line has one, no staged file, no line; the handler has its values."""
    root = tiny_project(tmp_path / "tiny", CONFIG_OF_SERVE)
    canaries = set_canaries(root, "other", monkeypatch)
    (root / "tiny.py").write_text(ANSWERING if kind == "answers" else HANDLER)
    with serving(root, "--port", "0", "--debug") as served:
        lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in tree(served.process.pid)]
        staged = [one for one in (root / "tmp").rglob("*") if one.is_file()]
        assert any(one.name == "tiny.py" for one in staged)
        held = [one.name for one in staged if MARK.encode() in one.read_bytes()]
        if kind == "answers":
            assert len(lines) > 1
            assert served.ask("/other").data == b"c4nary-of-the-shell,c4nary-of-the-env-file"
    assert not held
    canaries.check(*lines, served.log.read_text(), served.url)
    assert ("can't be imported" in served.log.read_text()) is (kind == "crashes")


CONFIG_OF_SERVE = """\
[project]
name = "tiny"
[image]
include = ["tiny.py", "helper.py"]
[api]
auth = "none"
[functions.other]
handler = "tiny:other"
route = "POST /other"
"""
ANSWERING = """\
import os

FOUND = os.environ["PASSWORD"] + "," + os.environ["TOKEN"]


def other(event, context):
    return {"statusCode": 200, "body": FOUND}
"""


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    return [pid, *(one for child in children(pid) for one in tree(child))]
