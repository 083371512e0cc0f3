"""What would fail in Lambda fails in `mldeploy build`: exit 5, advice, and nothing is pushed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloud.cloud import Cloud
    from tests.e2e.conftest import Cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris-validate"
NAME = "iris-rules-e2e"


@pytest.fixture(scope="module")
def trained(cli: Cli, engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("rules") / "iris"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("model"))
    edit(folder / "mldeploy.toml", '"iris-validate"', f'"{NAME}"')
    with (folder / "mldeploy.toml").open("a") as stream:
        # The package of another version is one that scikit-learn needs.
        stream.write('\n[training]\ncompile = "off"\n')
    cli(folder, "train").ok()
    yield folder
    for image in engine.images.list(filters={"label": f"mldeploy.project={NAME}"}):
        engine.api.remove_image(image.id, force=True)


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "iris"))


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, after))


def at_import(project: Path, line: str) -> None:
    edit(project / "validate.py", "import base64\n", f"import base64\n{line}\n")


def build_fails(cli: Cli, project: Path) -> dict[str, Any]:
    """Return the error of a build that is stopped by the image's check."""
    ran = cli(project, "build", "-o", "json")
    assert ran.code == 5, ran.err
    error: dict[str, Any] = ran.json["error"]
    assert error["code"] == "MLD305"
    return error


WRITES = [
    "open('/var/task/cache', 'w')",
    "__import__('pathlib').Path(__file__).with_name('cache').mkdir()",
    "open('/home/sbx_user1051/.cache', 'w')",
    "__import__('os').makedirs('/root/.cache/validate')",
]


@pytest.mark.parametrize("line", WRITES, ids=["task", "beside the code", "home", "root's home"])
def test_a_handler_that_writes_to_its_home_is_stopped(cli: Cli, project: Path, line: str) -> None:
    """The error names the handler, and the advice the one folder that can be written to."""
    at_import(project, line)
    error = build_fails(cli, project)
    assert "validate:handle" in error["message"]
    assert "/tmp" in error["hint"]  # noqa: S108 - inside the container


def test_a_folder_that_anybody_may_write_to_is_read_only_too(cli: Cli, project: Path) -> None:
    """It isn't the file's mode that refuses the write, but the read-only root."""
    template = (EXAMPLE.parents[1] / "image_template/Dockerfile").read_text()
    (project / "Own").write_text(f"{template}RUN mkdir -m 777 /var/open\n")
    edit(project / "mldeploy.toml", "[image]", '[image]\ndockerfile = "Own"')
    at_import(project, "open('/var/open/cache', 'w')")
    error = build_fails(cli, project)
    assert "Read-only file system" in error["message"]
    assert "/tmp" in error["hint"]  # noqa: S108 - inside the container


def test_a_file_that_was_not_included_is_named(cli: Cli, project: Path) -> None:
    """Reading what the image hasn't is no matter of writing: the advice is to include it."""
    at_import(project, "open('limits.csv')")
    assert "[image] include" in build_fails(cli, project)["hint"]


def test_what_fails_its_check_is_not_pushed(cli: Cli, cloud: Cloud, project: Path) -> None:
    """`push` stops with the build's error, and ECR has no image of the project."""
    at_import(project, WRITES[0])
    assert cli(project, "push").code == 5
    ecr = cloud.client("ecr")
    repositories = [one["repositoryName"] for one in ecr.describe_repositories()["repositories"]]
    mine = [name for name in repositories if NAME in name]
    assert not [
        image for name in mine for image in ecr.list_images(repositoryName=name)["imageIds"]
    ]
    cli(project, "destroy", "--confirm", NAME).ok()


def test_a_handler_may_write_to_tmp_and_to_home(cli: Cli, project: Path) -> None:
    """The folder /tmp is there, and is what HOME and `~` say."""
    at_import(project, "__import__('pathlib').Path('~/cache').expanduser().mkdir()")
    cli(project, "build").ok()


def test_a_handler_that_needs_more_memory_is_stopped(cli: Cli, project: Path) -> None:
    """It is held to its own function's memory, not to the largest."""
    at_import(project, "HELD = b'x' * 400_000_000")
    error = build_fails(cli, project)
    assert "more than 256 MB" in error["message"]
    assert "memory" in error["hint"]


def test_a_handler_that_fills_tmp_is_stopped(cli: Cli, project: Path) -> None:
    """The folder /tmp has the function's size."""
    edit(project / "mldeploy.toml", "memory = 256", "memory = 1024")
    line = "FILE = open('/tmp/big', 'wb'); [FILE.write(b'x' * 10**6) for _ in range(600)]"
    at_import(project, line)
    assert "ephemeral_storage" in build_fails(cli, project)["hint"]


def test_a_handler_that_calls_others_is_stopped(cli: Cli, project: Path) -> None:
    """Without a network; the advice names the key that gives one."""
    at_import(project, "__import__('socket').create_connection(('192.0.2.1', 9), 1)")
    assert "network = true" in build_fails(cli, project)["hint"]


def test_a_golden_example_that_fails_stops_the_build(cli: Cli, project: Path) -> None:
    """The message says which one, and what came instead."""
    edit(project / "validate.py", '"sepal length (cm)": (3, 10)', '"sepal length (cm)": (3, 100)')
    error = build_fails(cli, project)
    assert "golden example 2" in error["message"]
    assert "golden file" in error["hint"]


def lock_other(project: Path, name: str, recorded: str, version: str) -> None:
    """Lock a requirement to another version, with the hash of that version's wheel."""
    wheels = project / "wheels"
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    subprocess.run([*pip, "--dest", str(wheels), f"{name}=={version}"], check=True)
    (wheel,) = wheels.iterdir()
    other = hashlib.sha256(wheel.read_bytes()).hexdigest()
    facts = project / "model/model.json"
    known = json.loads(facts.read_text())["wheels"]["x86_64"][name]
    edit(facts, known, other)
    edit(project / "model/requirements.txt", known, other)
    edit(project / "model/requirements.txt", f"{name}=={recorded}", f"{name}=={version}")


def test_a_package_of_another_version_stops_the_build(cli: Cli, project: Path) -> None:
    """The image gets what the lock says; training recorded another: both versions are named."""
    recorded = json.loads((project / "model/model.json").read_text())["versions"]["threadpoolctl"]
    lock_other(project, "threadpoolctl", recorded, "3.5.0")
    error = build_fails(cli, project)
    assert f"trained with threadpoolctl {recorded}, installed here: 3.5.0" in error["message"]
    assert "mldeploy train" in error["hint"]


def test_another_model_file_stops_the_build(cli: Cli, project: Path) -> None:
    """Its SHA-256 isn't the one of training: the bundle is refused before Docker is asked."""
    with (project / "model/model.joblib").open("ab") as stream:
        stream.write(b"x")
    ran = cli(project, "build", "-o", "json", DOCKER_HOST="tcp://127.0.0.1:1")
    assert ran.json["error"]["code"] == "MLD202"
    assert "SHA-256" in ran.json["error"]["message"]
