"""A folder from a stranger: importing a model that runs no code runs none of the folder's either.

Each attack is a file that leaves a trace where it runs; each is shown to run where somebody
vouches for it, or by git itself.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.model.foreign.importing import Foreign, import_model

TOML = """\
[project]
name = "iris"
{project}
[api]
auth = "none"
[image]
include = {include}
[functions.predict]
route = "POST /predict"
"""
Attack = Callable[[Path, str], None]


def module(name: str) -> Attack:
    """A module that runs when anybody imports its name."""

    def write(root: Path, trace: str) -> None:
        (root / name).write_text(f"open({trace!r}, 'w').close()\nraise ImportError('evil')\n")
        toml(root, include=[name])

    return write


def toml(root: Path, include: list[str], project: str = "") -> None:
    (root / "mldeploy.toml").write_text(TOML.format(include=include, project=project))


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def program(root: Path, trace: str) -> str:
    """A program that leaves the trace."""
    path = root / "program.sh"
    path.write_text(f"#!/bin/sh\ntouch {trace}\ncat\n")
    path.chmod(0o755)
    return str(path)


def repository(setting: str) -> Attack:
    """A repository whose configuration names a program."""

    def write(root: Path, trace: str) -> None:
        toml(root, include=[])
        (root / "a.txt").write_text("a")
        (root / ".gitattributes").write_text("*.txt filter=evil\n")
        git(root, "init", "-q")
        git(root, "add", "a.txt", ".gitattributes")
        git(root, "commit", "-qm", "a")
        git(root, "config", setting, program(root, trace))
        (root / "a.txt").write_text("b")

    return write


def hooks(root: Path, trace: str) -> None:
    (root / "hooks.py").write_text(f"open({trace!r}, 'w').close()\ndef preprocess(x): return x\n")
    (root / "train.py").write_text(f"open({trace!r}, 'w').close()\n")
    toml(root, include=[], project='hooks = "hooks.py"')


REPOSITORIES = {
    "git's file system monitor": repository("core.fsmonitor"),
    "git's filter of changed files": repository("filter.evil.clean"),
}
ATTACKS: dict[str, Attack] = {
    "a module named as an installed one": module("joblib.py"),
    "a module named as one of the standard library": module("json.py"),
    "a module that a library imports where it is there": module("cupy.py"),
    "a module that Python imports when it starts": module("sitecustomize.py"),
    "a package named as an installed one": module("sklearn.py"),
    "a module named as pip": module("pip.py"),
    "hooks and a train module": hooks,
    **REPOSITORIES,
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of a project, where a user runs commands."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model in a file that runs no code when it is loaded."""
    import skops.io

    x, y = load_iris(return_X_y=True)
    path = tmp_path / "model.skops"
    skops.io.dump(LogisticRegression(max_iter=500).fit(x, y), path)
    return path


def import_(root: Path, model: Path, *, trust: bool = False, **environ: str) -> Config:
    nowhere = {"MLDEPLOY_IMAGE__INDEX_URL": "http://127.0.0.1:9/simple"}
    config = load_config(root, environ=nowhere | environ)
    import_model(config, Foreign(model, trust=trust), lambda _event: None)
    return config


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_the_folder_runs(root: Path, model: Path, tmp_path: Path, attack: str) -> None:
    """The bundle is made and the trace isn't there."""
    trace = tmp_path / "trace"
    ATTACKS[attack](root, str(trace))
    config = import_(root, model)
    assert config.bundle.is_dir()
    assert not trace.exists()


def test_the_modules_would_run_where_somebody_vouches(
    root: Path, model: Path, tmp_path: Path
) -> None:
    """What the attacks leave is seen: with `--trust` the project's files come first."""
    trace = tmp_path / "trace"
    module("joblib.py")(root, str(trace))
    with pytest.raises(MldeployError):
        import_(root, model, trust=True, MLDEPLOY_TRAINING__COMPILE="off")  # it needs joblib
    assert trace.exists()


@pytest.mark.parametrize("attack", REPOSITORIES)
def test_git_itself_would_run_the_program(root: Path, tmp_path: Path, attack: str) -> None:
    """Or the attack would prove nothing."""
    trace = tmp_path / "trace"
    REPOSITORIES[attack](root, str(trace))
    git(root, "status", "--porcelain")
    assert trace.exists()


@pytest.mark.parametrize(
    "requirement", ["evil @ file://{root}/evil", "evil @ git+file://{root}/evil", "./evil"]
)
def test_a_requirement_builds_nothing_here(root: Path, requirement: str) -> None:
    """Pip would run a setup.py on this machine: the file is refused before."""
    shutil.copytree(Path(__file__).parent, root / "evil")
    toml(root, include=[])
    text = (root / "mldeploy.toml").read_text()
    line = f"[image]\nrequirements = ['{requirement.format(root=root)}']\n"
    (root / "mldeploy.toml").write_text(text.replace("[image]\n", line))
    with pytest.raises(MldeployError, match="requirements"):
        load_config(root, environ={})


def test_a_folder_can_t_trust_itself(root: Path) -> None:
    """Which types a skops file may hold is said by a flag, never by a file of the folder."""
    toml(root, include=[], project='trust = ["os.system"]')
    with pytest.raises(MldeployError) as raised:
        load_config(root, environ={})
    assert raised.value.code == "MLD101"
