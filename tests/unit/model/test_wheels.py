"""The package index is asked while the model is fitted."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from sys import version_info

from mldeploy.errors import MldeployError
from mldeploy.model.needs.installable import Installable
from mldeploy.model.needs.wheels import Wheels
from tests.support.models import IRIS, project
from tests.support.wheel_index import serving, write_wheel


def waiting_for(condition: object) -> bool:
    """Wait for something for at most ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


def test_what_the_image_cant_install_ends_the_fit(tmp_path: Path) -> None:
    """Whatever the reason: `stop` is called, and `failure` tells it."""
    config = project(tmp_path, IRIS)
    config = replace(config, image=replace(config.image, requirements=("not-installed-here>=1",)))
    wheels, stopped = Wheels(config, lambda _event: None), list[bool]()
    try:
        wheels.begin(["joblib"], lambda: stopped.append(True))
        assert waiting_for(lambda: stopped)
        failure = wheels.failure()
        assert isinstance(failure, MldeployError)
        assert failure.code == "MLD231"
    finally:
        wheels.close()


def test_nothing_that_asks_is_left_running(tmp_path: Path) -> None:
    """A training that fails or is interrupted doesn't wait for an index that doesn't answer."""

    def endless(*_arguments: object, run: object, **_named: object) -> Installable:
        run(["sleep", "60"], {"PATH": "/usr/bin:/bin"})  # type: ignore[operator]
        return Installable()

    wheels = Wheels(project(tmp_path, IRIS), lambda _event: None, endless)
    wheels.begin(["joblib"], lambda: None)
    assert waiting_for(lambda: wheels._process is not None)
    assert wheels._process is not None
    asking = wheels._process
    before = time.monotonic()
    wheels.close()
    assert time.monotonic() - before < 30
    assert asking.poll() is not None


def test_every_architecture_of_the_file_is_asked_for(tmp_path: Path) -> None:
    """A bundle goes from a stage on x86_64 to one on arm64: its lock allows the wheels of both."""
    index = tmp_path / "index"
    index.mkdir()
    tags = {"x86_64": "manylinux2014_x86_64", "arm64": "manylinux2014_aarch64"}
    python = f"cp{version_info.major}{version_info.minor}"
    files = {
        one: write_wheel(index, "fast", "1.0", f"{python}-none-{tag}", one)
        for one, tag in tags.items()
    }
    config = project(tmp_path, IRIS)
    with serving(index) as port:
        image = replace(config.image, index_url=f"http://127.0.0.1:{port}")
        wheels = Wheels(replace(config, image=image, architectures=("arm64",)), lambda _event: None)
        found = wheels.require(["fast==1.0"])
        wheels.close()
    assert found == {
        one: {"fast": hashlib.sha256(path.read_bytes()).hexdigest()} for one, path in files.items()
    }
