"""Staging what the image would hold, and the functions of a project."""

import hashlib
import json
from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.local.environments.runs import Outcome
from mldeploy.local.project import Project
from mldeploy.local.ways.processes import Processes, launch
from mldeploy.local.ways.staging import recipe, signs, stage
from tests.support.projects import write_bundle
from tests.support.served import CONFIG, tiny_project

ROOT = Path(__file__).parents[3]


def test_the_copy_is_what_the_dockerfile_puts_below_var_task(tmp_path: Path) -> None:
    """The endpoint, the user's files at their own paths, the model; nothing of the build."""
    config = load_config(tiny_project(tmp_path / "project"), environ={})
    spec = recipe(config)
    staged = stage(spec, tmp_path / "task")
    found = {one.relative_to(staged.folder).as_posix() for one in staged.folder.rglob("*.*")}
    endpoint = {
        one.relative_to(ROOT / "image_template").as_posix()
        for one in (ROOT / "image_template" / "endpoint").rglob("*.*")
        if one.suffix != ".pyc"
    }
    assert {"endpoint/pages/assets/page.css", "endpoint/pages/assets/home.js"} <= endpoint
    model = {f"model/{name}" for name in ("model.joblib", "model.json")}
    assert found == endpoint | model | {"tiny.py", "helper.py"}
    assert (staged.folder / "model/model.json").read_bytes() == dict(spec.files)["model/model.json"]
    assert staged.fingerprint == spec.fingerprint


def test_local_modules_are_staged_and_watched(tmp_path: Path) -> None:
    """They lie where the image has them; no installed package of the name hides them."""
    config = load_config(tiny_project(tmp_path / "project"), environ={})
    code = config.bundle / "code"
    code.mkdir()
    for name in ("words.py", "typer.py"):
        (code / name).write_text("")
    empty = hashlib.sha256(b"").hexdigest()
    path = config.bundle / "model.json"
    facts = {**json.loads(path.read_text()), "code": {"words.py": empty, "typer.py": empty}}
    path.write_text(json.dumps(facts))
    staged = stage(recipe(config), tmp_path / "task")
    assert (staged.folder / "words.py").is_file()
    assert not (staged.folder / "model/code").exists()
    assert "typer" not in staged.absent
    before = signs(config)
    (code / "words.py").write_text("x = 1")
    assert signs(config) != before


@pytest.mark.parametrize("after", ["VALUE = 2\n", None])
def test_a_file_that_changed_since_it_was_named_is_not_staged(
    tmp_path: Path, after: str | None
) -> None:
    """What runs under a fingerprint is what it was made of."""
    root = tiny_project(tmp_path / "project")
    spec = recipe(load_config(root, environ={}))
    (root / "helper.py").unlink()
    if after:
        (root / "helper.py").write_text(after)
    with pytest.raises(MldeployError, match="changed while it was being read") as raised:
        stage(spec, tmp_path / "task")
    assert raised.value.code == "MLD312"


def test_what_the_image_lacks_is_absent(tmp_path: Path) -> None:
    """Packages of the requirements stay, and what Lambda's base image has; all others go."""
    config = load_config(tiny_project(tmp_path / "project"), environ={})
    staged = stage(recipe(config), tmp_path / "task")
    assert {"mldeploy", "typer", "pytest", "docker"} <= set(staged.absent)
    assert not {"sklearn", "boto3", "botocore", "awslambdaric", "simplejson"} & set(staged.absent)


def test_the_variables_are_lambdas_the_images_and_the_files(tmp_path: Path) -> None:
    """The release is `local`; the image's are those of its Dockerfile."""
    config = load_config(tiny_project(tmp_path / "project"), environ={})
    staged = stage(recipe(config), tmp_path / "task")
    (function,) = [one for one in config.functions if one.name == "other"]
    made = launch(config, function, staged)
    told = dict(made.variables)
    assert told["MINE"] == "of the file"
    assert told["MLDEPLOY_HANDLER"] == "tiny:other"
    assert told["MLDEPLOY_RELEASE"] == "local"
    assert told["AWS_LAMBDA_FUNCTION_NAME"] == "mldeploy_tiny_dev_other"
    assert told["LAMBDA_TASK_ROOT"] == str(staged.folder)
    assert (made.handler, made.memory, made.timeout) == ("endpoint.custom.handle", 1024, 1)
    dockerfile = (ROOT / "image_template" / "Dockerfile").read_text()
    assert len(made.image_variables) == 7
    assert all(f"{name}={value}" in dockerfile for name, value in made.image_variables)


def test_what_differs_from_the_image_is_told(tmp_path: Path) -> None:
    """Another Python, other versions, packages that aren't here, a Dockerfile of one's own."""
    config = CONFIG.replace("[functions.echo]", 'dockerfile = "Dockerfile"\n[functions.echo]')
    root = tiny_project(tmp_path / "project", config)
    (root / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nENV A=1 \\\n  B='2'\n")
    write_bundle(root / "model", versions={"python": "3.99.1"})
    (root / "model" / "requirements.txt").write_text("joblib==0.0.1\nnonesuch==1.0\n")
    loaded = load_config(root, environ={})
    staged = stage(recipe(loaded), tmp_path / "task")
    assert staged.variables == (("A", "1"), ("B", "2"))
    told = "\n".join(staged.remarks)
    for text in ("the image has 3.99", "Dockerfile", "the image has 0.0.1", "nonesuch isn't"):
        assert text in told


@pytest.mark.parametrize(
    "name", ["helper.py", "golden.json", "model/model.json", "model/model.joblib"]
)
def test_a_change_of_any_file_is_a_sign(tmp_path: Path, name: str) -> None:
    """The user's files and the bundle's; and an untouched project gives the same signs."""
    golden = CONFIG.replace("timeout = 1", 'timeout = 1\ngolden = "golden.json"')
    (tmp_path / "golden.json").touch()
    config = load_config(tiny_project(tmp_path, golden), environ={})
    before = signs(config)
    assert signs(config) == before
    (tmp_path / name).write_text("something else")
    assert signs(config) != before


def test_a_request_that_meets_the_retired_goes_to_their_successors(tmp_path: Path) -> None:
    """A reload between looking up the environments and taking one loses no request."""
    config = load_config(tiny_project(tmp_path), environ={})
    project = Project(config, 1, Processes(config, tmp_path / "t"), print, print)

    class Successor:
        def invoke(self, event: bytes, seconds: float) -> Outcome:
            assert seconds > 0
            return Outcome(event)

    class Retired:
        def invoke(self, event: bytes, seconds: float) -> Outcome:
            assert (event, seconds > 0) == (b"{}", True)
            project._pools["echo"] = Successor()  # type: ignore[assignment]
            return Outcome(problem="retired")

    project._pools["echo"] = Retired()  # type: ignore[assignment]
    assert project.invoke("echo", b"{}", 30.0) == Outcome(b"{}")


def test_reserved_concurrency_is_a_ceiling(tmp_path: Path) -> None:
    """A function has no more environments than Lambda would run of it."""
    config = CONFIG.replace("timeout = 1", "timeout = 1\nreserved_concurrency = 3")
    loaded = load_config(tiny_project(tmp_path / "project", config), environ={})
    project = Project(loaded, 5, Processes(loaded, tmp_path / "copies"), print, print)
    try:
        project.start()
        assert {name: pool._limit for name, pool in project._pools.items()} == {
            "echo": 5,
            "other": 3,
        }
    finally:
        project.close()


def test_a_bundle_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    """A damaged bundle changes nothing and is told; a whole one is served."""
    said: list[str] = []
    config = load_config(tiny_project(tmp_path / "project"), environ={})
    project = Project(config, 1, Processes(config, tmp_path / "copies"), said.append, said.append)
    try:
        project.start()
        (tmp_path / "project/model/golden.json").unlink()
        project.reload()
        assert said[-1].startswith("not reloaded: the model bundle is damaged")
        write_bundle(tmp_path / "project/model", "another model")
        project.reload()
        assert said[-1].startswith("reloaded echo, other")
        told = len(said)
        project.reload()
        assert len(said) == told
    finally:
        project.close()


def test_without_a_bundle_it_says_so(tmp_path: Path) -> None:
    """MLD201, before any process is started."""
    config = load_config(tiny_project(tmp_path), environ={})
    (tmp_path / "model/model.json").unlink()
    with pytest.raises(MldeployError) as raised:
        Project(config, 1, Processes(config, tmp_path / "copies"), print, print).start()
    assert raised.value.code == "MLD201"
