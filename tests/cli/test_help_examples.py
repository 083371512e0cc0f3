"""Every example of `--help` runs: on a trained project, and on strict AWS.

A new command's examples run on AWS unless `ON_A_TRAINED_PROJECT` has it.
"""

import json
import re
import shlex
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any, cast

import joblib
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from mldeploy.cli.app import every_command
from mldeploy.cli.examples import examples_of
from mldeploy.http.call import Answer
from mldeploy.images.cold_start import ColdStart
from tests.cli.test_audit import pushed, put_bill, scanned
from tests.cli.test_client import DOCUMENT
from tests.strict.aws import StrictAws
from tests.support.commands import Reach, run
from tests.support.embedded import own_cloud
from tests.support.generators import stand_in
from tests.support.projects import CONFIG, write_bundle
from tests.support.readmes import EXAMPLES
from tests.support.runtime import Runtime
from tests.support.served import serving
from tests.support.stacks import RegistryOnly, without_engine
from tests.support.wheel_index import index_of_all

LINES = {name: [one.line for one in examples_of(command.callback)] for name, command in
         every_command().items()}  # fmt: skip
ON_A_TRAINED_PROJECT = (
    "init", "train", "compile", "import", "serve", "batch", "events", "local start", "local status",
    "local stop",
)  # fmt: skip
EXIT_CODES = {
    "mldeploy logs --follow --function predict": 130,
    "mldeploy status --stage prod --exit-code": 3,
    "mldeploy train --on dask://10.0.0.5:8786": 1,  # .venv has no Dask
}
"""Of examples that don't end with 0."""
EMBEDDED = "--target local"
MODEL_CHANGES = ("plan", "deploy", "push")
"""Commands that show something only with another model."""
Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", sorted(LINES))
def test_a_command_has_two_or_three_examples(name: str) -> None:
    """Each is of this command, in one line of a terminal."""
    assert len(LINES[name]) in {2, 3}, f"give {name} examples: CONTRIBUTING.md says how"
    for line in LINES[name]:
        assert f"mldeploy {name}" in line
        assert len(line) <= 76


def local_lines() -> Iterator[str]:
    """Yield the examples that need a trained project and no AWS but the embedded one."""
    for name, lines in LINES.items():
        for one in lines:
            alone = any(option in one for option in ("--process", "--bundle", EMBEDDED))
            if name in ON_A_TRAINED_PROJECT or alone:
                yield one


def aws_lines() -> Iterator[tuple[str, str]]:
    """Yield the commands and examples that call AWS, those that remove everything last."""
    local = set(local_lines())
    for name, lines in LINES.items():
        yield from ((name, one) for one in lines if one not in local)


def ran(line: str, capsys: Said) -> None:
    """Run an example; its output is what it says."""
    program = re.sub(r"^.*<\(|\)$| > .*$", "", line)
    capsys.readouterr()
    code = run(shlex.split(program)[1:])
    said = capsys.readouterr()
    assert code == EXIT_CODES.get(line, 0), f"{line}\n{said.out}{said.err}"
    assert said.out or program == line
    if re.search(r"> \S+\.json$|-o json$", line):
        assert json.loads(said.out), line


def test_examples_on_a_trained_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Init, train, import, serve and the others run as their help says."""
    copytree(EXAMPLES / "iris", tmp_path / "p", ignore=ignore_patterns("model", "__pycache__"))
    monkeypatch.chdir(tmp_path / "p")
    monkeypatch.setenv("MLDEPLOY_IMAGE__INDEX_URL", index_of_all())
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    stand_in(tmp_path / "generators", monkeypatch)
    write_foreign_models()
    with own_cloud(tmp_path / "local"):
        for line in sorted(local_lines(), key=lambda one: "import" in one):
            if line.startswith("mldeploy serve"):
                with serving(tmp_path / "p", *shlex.split(line)[2:]) as served:
                    assert served.ask("/health", method="GET").status == 200, line
                    assert served.interrupt() == 130
                (tmp_path / "p" / "tmp").rmdir()
            else:
                if EMBEDDED in line:
                    assert run(["deploy", *shlex.split(EMBEDDED)]) == 0
                ran(line, capsys)


def write_foreign_models() -> None:
    """Write what colleagues give to those who import."""
    rows, species = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=200).fit(rows, species)
    joblib.dump(model, "model.joblib")
    skops.io.dump(model, "model.skops")
    rows.to_csv("rows.csv", index=False)
    rows.assign(id=range(len(rows))).to_csv("new.csv", index=False)
    rows.assign(species=species).to_csv("labelled.csv", index=False)


@pytest.fixture
def account(
    project: Path, runtime: Runtime, reach: Reach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> StrictAws:
    """Two stages with earlier releases, requests, and no Docker engine."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    # `mldeploy clean` finds what other programs left, too.
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr("tempfile.tempdir", None)
    stand_in(tmp_path / "generators", monkeypatch)
    prepared(project, runtime.aws, reach)
    traffic(runtime, reach)
    return runtime.aws


def test_examples_that_call_aws(
    account: StrictAws, project: Path, reach: Reach, capsys: Said
) -> None:
    """The others run as their help says; the account is empty in the end."""
    models = count()
    reach(browse=lambda _address: True)
    for name, line in aws_lines():
        if name in MODEL_CHANGES:
            write_bundle(project / "model", f"model {next(models)}", metrics={"accuracy": 0.9})
        if line == "mldeploy audit":
            digest, bill = pushed(account, project)
            put_bill(account, digest, bill)
            scanned(digest, "LOW")
        changed: dict[str, Any] = {"sleep": stop} if "--follow" in line else {}
        if name == "client":
            changed = {"call": lambda *_, **_more: Answer(200, json.dumps(DOCUMENT), 1.0)}
        with reach.within(**changed):
            ran(line, capsys)
    assert account.client("lambda").list_functions()["Functions"] == []


def prepared(project: Path, aws: StrictAws, reach: Reach) -> None:
    """Deploy twice to both stages, write a line to the log, and store an image's documents."""
    (project / "mldeploy.toml").write_text(CONFIG + "[stages.prod]\n")
    making = without_engine(RegistryOnly(aws.put_image))
    reach(making=lambda _builder: replace(making, runner=cast("Any", Measuring())))
    for model in ("a model", "another"):
        write_bundle(project / "model", model)
        for stage in ("dev", "prod"):
            assert run(["deploy", "--yes", "--stage", stage]) == 0
    group = "/aws/lambda/mldeploy_iris_dev_predict"
    event = {"timestamp": int(time.time() * 1000) - 50, "message": "a line"}
    aws.client("logs").create_log_stream(logGroupName=group, logStreamName="a")
    aws.client("logs").put_log_events(logGroupName=group, logStreamName="a", logEvents=[event])


def traffic(runtime: Runtime, reach: Reach) -> None:
    """Let clients' requests come in at each pause of the program."""
    apis = runtime.aws.client("apigatewayv2").get_apis()["Items"]

    def send(requests: int) -> None:
        for one in apis * requests:
            runtime.call("POST", one["ApiEndpoint"] + "/predict", b'{"instances": [[1.0]]}')

    def pause(seconds: float) -> None:
        runtime.aws.state.passed += seconds
        send(20)

    runtime.aws.state.passed = -3600.0  # what came before is what latencies are compared with
    send(60)
    runtime.aws.state.passed = 0.0
    reach(sleep=pause)


def stop(_seconds: float) -> None:
    """Press Ctrl-C while a command waits."""
    raise KeyboardInterrupt


class Measuring:
    """A runner whose containers take a known time."""

    def measure(self, *_: object) -> ColdStart:
        """Return what would have been measured."""
        return ColdStart((("sklearn", 0.9),), 1.1, 0.3, 0.02, 0.001, (2.0, 1.5, 2.5))
