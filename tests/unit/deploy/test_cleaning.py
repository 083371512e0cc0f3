"""Which images of a project stay on this machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.config import DeployConfig, FunctionConfig
from mldeploy.deploy.cleaning import retention
from mldeploy.embedded.images import HereImage, store
from mldeploy.embedded.place import claim
from tests.support.stacks import config

PREDICT = FunctionConfig("predict", "POST /predict")
SAME = FunctionConfig("again", "POST /again")
OTHER = FunctionConfig("score", "POST /score", model="score")
HANDED = frozenset({"pid:host:1"})

COUNTS = {
    "by default five per model": (config(), 5),
    "as many as the file says": (config(deploy=DeployConfig(keep=2)), 2),
    "functions of one model share its images": (config(functions=(PREDICT, SAME)), 5),
    "two models have twice as many": (config(functions=(PREDICT, OTHER)), 10),
    "without a function as many as for one model": (config(functions=()), 5),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of this machine's embedded AWS, which has one image."""
    return _cloud(tmp_path / "home", "sha256:home", monkeypatch)


def _cloud(folder: Path, image: str, monkeypatch: pytest.MonkeyPatch | None = None) -> Path:
    folder.mkdir()
    store(folder, HereImage(engine=image), {}, "amd64")
    if monkeypatch:
        monkeypatch.setenv("MLDEPLOY_LOCAL_DIR", str(folder))
    return folder


@pytest.mark.parametrize("case", COUNTS)
def test_how_many_images_stay(case: str) -> None:
    """Of each model that functions use, [deploy] keep."""
    settings, count = COUNTS[case]
    kept = retention(settings)
    assert (kept.project, kept.count, kept.used) == ("iris", count, frozenset())


USED = {
    "no embedded AWS is running": ("", False, set()),
    "this machine's is running": ("home", False, {"sha256:home"}),
    "another folder's owns a container and has ended": ("", True, set()),
    "another folder's owns a container and is running": ("other", True, {"sha256:other"}),
    "another folder's is running, but owns no container": ("other", False, set()),
}


@pytest.mark.parametrize("case", USED)
def test_images_of_a_running_embedded_aws_stay(case: str, tmp_path: Path) -> None:
    """Their functions may start at any time; owners that aren't folders have no images."""
    running, owns, used = USED[case]
    other = _cloud(tmp_path / "other", "sha256:other")
    owned = HANDED | ({str(other)} if owns else set())
    lock = claim(tmp_path / running) if running else None
    try:
        assert retention(config(), owned).used == used
    finally:
        if lock:
            lock.close()


def test_the_projects_name_says_whose_images() -> None:
    """Another project's aren't counted."""
    assert retention(replace(config(), name="wine")).project == "wine"
