"""docs/security.md tells which commands run code of the project: those that never do, don't.

The project is a stranger's: its modules, its hooks, its model and its repository leave a trace
wherever they run.
"""

import re
import subprocess
from pathlib import Path

import pytest

from mldeploy.cli.commands import COMMANDS
from tests.support.commands import Command
from tests.support.projects import CONFIG, write_bundle

DOCS = Path(__file__).parents[2] / "docs" / "security.md"
FOLDER_MODULES = ("train", "hooks", "joblib", "sklearn", "json", "boto3", "sitecustomize")
CALLS = {
    "audit": ["audit"],
    "compile": ["compile"],
    "report": ["report"],
    "events": ["events"],
    "explain": ["explain"],
    "completion": ["completion", "bash"],
    "iam": ["iam", "policy"],
    "init": ["init", "new"],
    "invoke": ["invoke"],
    "logs": ["logs"],
    "open": ["open"],
    "plan": ["plan"],
    "promote": ["promote", "dev", "prod"],
    "releases": ["releases"],
    "rollback": ["rollback"],
    "stages": ["stages"],
    "status": ["status"],
    "destroy": ["destroy", "--confirm", "iris"],
}


def told() -> dict[str, str]:
    """Return what the page says of each command."""
    table = DOCS.read_text().partition("| runs code of the project |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", table, re.MULTILINE))


NEVER = sorted(name for name, said in told().items() if said.startswith("never"))


@pytest.fixture
def trace(project: Path, tmp_path: Path) -> Path:
    """Make the project a stranger's; return the file that its code would leave."""
    trace = tmp_path / "trace"
    code = f"open({str(trace)!r}, 'w').close()\n"
    for name in FOLDER_MODULES:
        (project / f"{name}.py").write_text(code)
    # A pickle that calls os.system, in the ASCII of protocol 0.
    write_bundle(project / "model", f"cposix\nsystem\n(S'touch {trace}'\ntR.")
    text = CONFIG.replace("[project]\n", '[project]\nhooks = "hooks.py"\n')
    (project / "mldeploy.toml").write_text(text)
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    for arguments in (["init", "-q"], ["config", "core.fsmonitor", str(program)]):
        subprocess.run(["git", *arguments], cwd=project, check=True)
    return trace


def test_every_command_is_in_the_table() -> None:
    """One that is added has to say so; what never runs any is tried below, but `clean`.

    That one removes what an engine has, and needs one: the project's folder isn't read.
    """
    assert told().keys() == COMMANDS.keys()
    assert set(NEVER) - {"clean"} == CALLS.keys()


def test_the_strangers_model_and_modules_would_run(trace: Path, project: Path) -> None:
    """What is looked for is seen where something loads them."""
    import pickle
    import sys

    pickle.loads((project / "model" / "model.joblib").read_bytes())  # noqa: S301 - the attack
    assert trace.exists()
    trace.unlink()
    subprocess.run([sys.executable, "-c", "import hooks"], cwd=project, check=True)
    assert trace.exists()
    trace.unlink()
    subprocess.run(["git", "status"], cwd=project, check=True, capture_output=True)
    assert trace.exists()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_runs_nothing_of_the_project(
    name: str, trace: Path, project: Path, command: Command
) -> None:
    """Before anything is deployed, and after: whatever the command ends with."""
    command(*CALLS[name])
    assert command("deploy", "--yes")[0] == 0  # the images here are manifests: nothing is built
    write_bundle(project / "model", (project / "model" / "model.joblib").read_text(), metrics={})
    assert command("deploy", "--yes")[0] == 0
    code, _ = command(*CALLS[name])
    assert code == 0 or name in {"init", "invoke"}
    assert not trace.exists()
