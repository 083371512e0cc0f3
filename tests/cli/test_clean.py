"""`mldeploy clean`: what it lists, who agrees, and what it never takes."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldeploy.embedded.images import HereImage, store
from tests.support.commands import Command, Reach, json_command, run
from tests.unit.images.docker.test_leftovers import BASE, OLD, Engine

CONFIG = '[project]\nname = "demo"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reach: Reach) -> Iterator[Engine]:
    """A project with seven images at an engine; every folder of mldeploy's is the test's own."""
    for name in ("TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "MLDEPLOY_LOCAL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "TMPDIR").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "project").mkdir()
    (tmp_path / "project/mldeploy.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path / "project")
    found = Engine()
    found.image(BASE, "public.ecr.aws/lambda/python:3.12", parent="")
    for number in range(7):
        found.final("demo", f"t{number}", OLD + number)
    reach(engine=lambda: found)
    yield found
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def ids(engine: Engine) -> set[str]:
    return {one for one in engine.stored if one.startswith("id-")}


def test_without_a_terminal_nothing_goes_unless_it_was_agreed(
    engine: Engine, command: Command
) -> None:
    """MLD326, exit code 2, and the list of what was found."""
    code, envelope = command("clean")
    assert (code, envelope["error"]["code"]) == (2, "MLD326")
    assert "mldeploy/demo:t0" in envelope["error"]["details"]["image"]
    assert len(ids(engine)) == 7


def test_images_beyond_deploy_keep_go(engine: Engine, command: Command) -> None:
    """Five are the default; the result names what went, with its size."""
    code, envelope = command("clean", "--yes")
    assert code == 0
    assert envelope["result"]["removed"] == [
        {"kind": "image", "name": f"mldeploy/demo:t{number}", "bytes": 40} for number in (1, 0)
    ]
    assert (envelope["result"]["bytes"], envelope["result"]["kept"]) == (80, [])
    assert ids(engine) == {f"id-t{number}" for number in range(2, 7)}
    assert command("clean", "--yes")[1]["result"]["removed"] == []


def test_keep_of_the_file_is_held(engine: Engine, command: Command) -> None:
    """[deploy] keep = 1 leaves one."""
    Path("mldeploy.toml").write_text(CONFIG + "[deploy]\nkeep = 1\n")
    command("clean", "--yes")
    assert ids(engine) == {"id-t6"}


def test_all_takes_every_project_and_caches_and_needs_no_file(
    engine: Engine, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also outside a project; the base image isn't ours."""
    engine.final("other", "o1", OLD)
    cache, state = tmp_path / "XDG_CACHE_HOME/mldeploy", tmp_path / "XDG_STATE_HOME/mldeploy"
    for folder in (cache, state / "errors", state / "golden", state / "pushed"):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"1234")
    monkeypatch.chdir(tmp_path)
    code, envelope = command("clean", "--all", "--yes")
    assert code == 0
    assert set(engine.stored) == {BASE}
    assert not cache.exists()
    # What this machine has pushed is proof, and holds no data.
    assert [one.name for one in state.iterdir()] == ["pushed"]
    sizes = {one["name"]: one["bytes"] for one in envelope["result"]["removed"]}
    assert sizes[str(cache)] == 4


def cloud_with(tmp_path: Path, image: str) -> Path:
    """Make an embedded AWS to which an image was deployed; return its lock."""
    home = tmp_path / "MLDEPLOY_LOCAL_DIR"
    (home / "images/staged").mkdir(parents=True)
    store(home, HereImage(engine=image), {}, "amd64")
    (home / "alive").touch()
    return home / "alive"


def test_what_a_running_local_cloud_may_run_stays(
    engine: Engine, command: Command, tmp_path: Path
) -> None:
    """Its image has no container at the moment; the folder of its staged images stays, too."""
    with cloud_with(tmp_path, "id-t0").open("rb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        command("clean", "--all", "--yes")
    assert ids(engine) == {"id-t0"}
    assert (tmp_path / "MLDEPLOY_LOCAL_DIR/images/staged").exists()


def test_what_a_killed_local_cloud_left_goes(
    engine: Engine, command: Command, tmp_path: Path
) -> None:
    """Nobody holds its lock: its folder goes, and its image is like any other."""
    cloud_with(tmp_path, "id-t0")
    home = str(tmp_path / "MLDEPLOY_LOCAL_DIR")
    engine.container("of-it", image="id-t0", state="running", mldeploy_local=home)
    code, envelope = command("clean", "--yes")
    assert code == 0
    kinds = [(one["kind"], one["name"]) for one in envelope["result"]["removed"]]
    assert ("folder", home) in kinds
    assert ("container", "of-it") in kinds
    assert "id-t0" not in ids(engine)
    assert not Path(home).exists()


def test_without_an_engine_the_folders_go(
    engine: Engine,
    command: Command,
    tmp_path: Path,
    reach: Reach,
) -> None:
    """A machine where Docker is stopped can be cleaned as far as that goes, and is told so."""
    from mldeploy.errors import MldeployError

    def refuse() -> None:
        raise MldeployError("MLD301", "no Docker engine answers")

    cloud_with(tmp_path, "id-t0")
    reach(engine=refuse)
    code, envelope = command("clean", "--yes")
    assert (code, [one["kind"] for one in envelope["result"]["removed"]]) == (0, ["folder"])


def test_people_see_what_it_is(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """The list comes before the removal, with sizes."""
    assert run(["clean", "--yes"]) == 0
    said = capsys.readouterr().err
    assert "mldeploy/demo:t0  40 B" in said
    assert "Removed 2 (80 B)." in said
