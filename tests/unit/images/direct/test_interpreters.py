"""The Python that runs mldeploy isn't in the image: each one here makes the same image."""

import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from mldeploy.images.direct.requirements import content_of
from tests.support.registry_server import registry_server
from tests.support.wheel_index import serving, write_wheel
from tests.unit.images.direct.test_builder import BASE, DOCKER, PYTHON, recipe

ROOT = Path(__file__).parents[4]
VERSION = re.compile(r"python3\.1[1-9]")
ASK = "import sys, zlib; print('%d.%d.%d' % sys.version_info[:3], zlib.ZLIB_RUNTIME_VERSION)"
MAKE = """
import pickle, sys
from mldeploy.images.direct.builder import DirectBuilder
builder = DirectBuilder(lambda _image: ("", ""))
print(builder.build(pickle.load(sys.stdin.buffer), lambda _event: None).image_id)
"""
NEEDED = ("botocore", "dateutil", "jmespath", "six", "urllib3")
"""Plain Python that any interpreter runs: what sends requests."""


def programs() -> dict[str, str]:
    """Return this machine's interpreters by version and zlib: on PATH, and what pyenv has."""
    folders = [Path(one) for one in os.environ["PATH"].split(os.pathsep) if one]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [Path(sys.executable).resolve().parent, *folders, *pyenv.glob("versions/*/bin")]
    found: dict[str, str] = {}
    for path in (one for place in places if place.is_dir() for one in sorted(place.iterdir())):
        if VERSION.fullmatch(path.name) and path.name != f"python{PYTHON}":
            done = subprocess.run(
                [path, "-c", ASK], capture_output=True, text=True, check=False
            )  # a shim of pyenv's may lead nowhere
            if done.returncode == 0:
                found.setdefault(done.stdout.strip(), str(path))
    return found


def with_pip(program: str, place: Path) -> str:
    """Return an interpreter that has pip: Debian's may have none of its own."""
    asked = [program, "-m", "pip", "--version"]
    if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
        return program
    subprocess.run([program, "-m", "venv", place], check=True)
    return str(place / "bin" / "python")


@pytest.fixture
def given(tmp_path: Path) -> Iterator[bytes]:
    """A recipe of a wheel with a command, as bytes; its base and its index are served."""
    (tmp_path / "index").mkdir()
    path = write_wheel(tmp_path / "index", "lib-one", "1.0", text="VALUE = 1\n" * 1000)
    with zipfile.ZipFile(path, "a") as archive:
        points = "[console_scripts]\none = lib_one:main\n"
        archive.writestr("lib_one-1.0.dist-info/entry_points.txt", points)
    with registry_server() as registry, serving(tmp_path / "index") as port:
        registry.put_image("base/python", "3", BASE, DOCKER)
        spec = recipe(registry, f"http://127.0.0.1:{port}", tmp_path)
        files = tuple((name, content_of(spec, name)) for name, _ in spec.files)
        yield pickle.dumps(replace(spec, files=files))


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """What every interpreter finds: this one to compile byte-code, and the libraries it needs."""
    for folder in ("path", "libraries"):
        (tmp_path / folder).mkdir()
    (tmp_path / "path" / f"python{PYTHON}").symlink_to(Path(sys.executable).resolve())
    for name in NEEDED:
        file = Path(str(import_module(name).__file__))
        source = file.parent if file.name == "__init__.py" else file
        (tmp_path / "libraries" / source.name).symlink_to(source)
    return {
        "PATH": f"{tmp_path / 'path'}{os.pathsep}{os.defpath}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path / 'libraries'}",
    }


def test_every_python_makes_the_same_image(
    given: bytes, surroundings: dict[str, str], tmp_path: Path
) -> None:
    """With its own pip, tarfile and zlib; another home, time zone, umask and working folder."""
    zones, ids = ("UTC", "Asia/Tokyo", "America/Lima"), {}
    for number, (name, program) in enumerate({"this": sys.executable, **programs()}.items()):
        home = tmp_path / str(number)
        home.mkdir()
        done = subprocess.run(
            [with_pip(program, home / "venv"), "-c", MAKE],
            input=given,
            capture_output=True,
            check=False,
            cwd=home,
            umask=(0o022, 0o077)[number % 2],
            env={
                **surroundings,
                "HOME": str(home),
                "TMPDIR": str(home),
                "TZ": zones[number % len(zones)],
            },
        )
        assert done.returncode == 0, (name, done.stderr.decode())
        ids[name] = done.stdout.decode()
    assert len(set(ids.values())) == 1, ids
    assert len(ids) > 1 or "CI" not in os.environ, "CI has Debian's Python beside the tests' own"
