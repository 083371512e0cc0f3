"""The embedded AWS's folder and its key pair against other users of the machine."""

import json
import os
import pwd
import stat
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mldeploy.aws.clients import Clients
from mldeploy.cli.app import run
from mldeploy.embedded import __main__ as process
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.keys import load, make
from mldeploy.embedded.place import Mode, alone, read, remember
from mldeploy.errors import MldeployError
from mldeploy.local.environments.process import Environment, Launch

NOBODY = pwd.getpwnam("nobody")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is to be the cloud's, in one that everybody may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "local"


def nobody(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as another user of the machine."""
    return subprocess.run(
        command,
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_key_pair_is_this_users_alone(folder: Path) -> None:
    """The folder has mode 0700, the file 0600, whatever the umask; each cloud has another pair."""
    before = os.umask(0)
    try:
        with alone(folder):
            first, second = make(folder), make(folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "credentials").stat().st_mode) == 0o600
    assert load(folder) == second != first
    assert second.secret not in repr(second)


@as_root
def test_another_user_cant_read_it(folder: Path) -> None:
    """Neither the file nor the folder's names; only where both are opened by hand."""
    with alone(folder):
        keys = make(folder)
    file = folder / "credentials"
    assert nobody("cat", str(file)).returncode != 0
    assert nobody("ls", str(folder)).returncode != 0
    folder.chmod(0o755)
    assert "Permission denied" in nobody("cat", str(file)).stderr
    file.chmod(0o644)
    assert keys.secret in nobody("cat", str(file)).stdout


def link_to_another(folder: Path) -> None:
    (folder.parent / "other").mkdir()
    folder.symlink_to(folder.parent / "other")


def link_to_nothing(folder: Path) -> None:
    folder.symlink_to(folder.parent / "nothing")


def link_as_lock(folder: Path) -> None:
    (folder.parent / "victim").write_text("precious")
    (folder.parent / "local.lock").symlink_to(folder.parent / "victim")


def pipe_as_lock(folder: Path) -> None:
    os.mkfifo(folder.parent / "local.lock")


def others_folder(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)


def others_lock(folder: Path) -> None:
    (folder.parent / "local.lock").touch()
    os.chown(folder.parent / "local.lock", NOBODY.pw_uid, NOBODY.pw_gid)


FOLDERS = [
    link_to_another,
    link_to_nothing,
    link_as_lock,
    pipe_as_lock,
    pytest.param(others_folder, marks=as_root),
    pytest.param(others_lock, marks=as_root),
]


@pytest.mark.parametrize("attack", FOLDERS)
def test_a_folder_that_isnt_ours_is_refused(
    folder: Path, attack: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command starts, finds or stops anything there, and nothing behind a link is changed."""
    attack(folder)
    monkeypatch.setenv("MLDEPLOY_LOCAL_DIR", str(folder))
    for command in ("start", "stop"):
        assert run(["local", command, "-o", "json"]) == 1
    with pytest.raises(MldeployError, match="can't be used") as refused, alone(folder):
        pass
    assert refused.value.code == "MLD614"
    assert all(one.read_text() == "precious" for one in folder.parent.glob("victim"))
    assert list(folder.parent.glob("other/*")) == list(folder.parent.glob("nothing")) == []


@as_root
def test_what_another_user_says_of_a_cloud_isnt_read(folder: Path) -> None:
    """A file that names another port would take our secrets there."""
    others_folder(folder)
    (folder / "cloud.json").write_text('{"pid": 1, "port": 1, "runs": "process", "version": "1"}')
    with pytest.raises(MldeployError) as refused:
        read(folder)
    assert refused.value.code == "MLD614"


def unreadable(file: Path) -> None:
    file.chmod(0o640)


def linked(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def foreign(file: Path) -> None:
    os.chown(file, NOBODY.pw_uid, NOBODY.pw_gid)


@pytest.mark.parametrize("attack", [unreadable, linked, pytest.param(foreign, marks=as_root)])
def test_a_key_pair_that_others_could_know_is_refused(
    folder: Path, attack: Callable[[Path], None]
) -> None:
    """By MLD614, as one that isn't there."""
    with alone(folder):
        make(folder)
    assert load(folder).access_key.startswith("LOCAL")
    attack(folder / "credentials")
    with pytest.raises(MldeployError) as refused:
        load(folder)
    assert refused.value.code == "MLD614"


def test_a_link_isnt_followed_to_remember_a_choice(folder: Path) -> None:
    """The file beside the folder that keeps how functions run."""
    victim = folder.parent / "victim"
    victim.write_text("precious")
    (folder.parent / "local.functions").symlink_to(victim)
    with pytest.raises(MldeployError) as refused:
        remember(folder, Mode.PROCESS)
    assert (refused.value.code, victim.read_text()) == ("MLD614", "precious")


def test_a_stop_leaves_what_isnt_the_clouds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a folder with files of their own keeps them."""
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    monkeypatch.setenv("MLDEPLOY_LOCAL_DIR", str(folder))
    assert run(["local", "stop"]) == 0
    assert (folder / "thesis.txt").read_text() == "precious"


def test_what_fails_while_it_tidies_doesnt_end_the_cloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is logged, and tried again."""
    ends, looks = threading.Event(), []

    class Failing(Functions):
        def tidy(self) -> None:
            looks.append(1)
            if len(looks) > 1:
                ends.set()
            raise KeyError("gone meanwhile")

    process.tidy_up(Failing(Clients, tmp_path), ends, every=0.001)
    assert len(looks) == 2
    assert "gone meanwhile" in capsys.readouterr().err


TINY = """
import os

def handle(event, context):
    return {"pid": os.getpid(), "api": os.environ["AWS_LAMBDA_RUNTIME_API"]}
"""


def test_the_runtime_apis_secret_is_in_no_command_line(tmp_path: Path) -> None:
    """AWS's own client finds it in a variable, which other users can't read."""
    (tmp_path / "tiny.py").write_text(TINY)
    launch = Launch("f", "arn", tmp_path, "tiny.handle", 128, 20.0)
    environment = Environment(launch, lambda _line: None)
    try:
        assert environment.start(30.0)
        told = environment.invoke(b"{}", 30.0).answer
        assert told is not None
        found = json.loads(told)
        secret = found["api"].partition("/")[2]
        lines = [one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if one.exists()]
        assert len(secret) == 32
        assert not any(secret.encode() in line for line in lines)
        if os.geteuid() == 0:
            assert nobody("cat", f"/proc/{found['pid']}/environ").returncode != 0
    finally:
        environment.end()
