"""Trying out an image's files in a process: what comes back is held to the estimator's answers."""

import json
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.images.builder import Built, Outcome
from mldeploy.images.direct.layer import Layer, make_layer
from mldeploy.images.direct.made import Made, Part
from mldeploy.images.direct.runner import StagedRunner
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.images.trials import Trial
from mldeploy.model.golden import Golden
from tests.support.models import IRIS, bundle_of, project, task_of

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


@pytest.fixture
def spec(tmp_path: Path) -> ImageSpec:
    return image_spec(project(tmp_path / "project", IRIS), bundle_of(IRIS))


@pytest.fixture
def task(tmp_path: Path) -> Path:
    return task_of(bundle_of(IRIS), tmp_path / "task")


def tried(spec: ImageSpec, task: Path, trial: Trial, layer: Path | None = None) -> Outcome:
    """Try out a folder; the requirements are in a layer, or those of this environment."""
    part = Part("requirements", Layer("", "", 0, 0), layer)
    unpacked = task.parent / "requirements" / "var" / "task"
    made = Made(None, None, None, (part,), task, unpacked)  # type: ignore[arg-type]
    here = "amd64" if platform.machine() in {"x86_64", "AMD64"} else "arm64"
    return StagedRunner(lambda _image: made).try_out(Built("sha256:0", spec, 0, here), trial)


def golden(labels: list[int]) -> Golden:
    """Return examples that expect these labels."""
    bundle = bundle_of(IRIS)
    known = json.loads(bundle.golden_examples.text)
    assert len(known["inputs"]) >= len(labels)
    expected = [
        {**one, "class_label": label}
        for one, label in zip(known["predictions"], labels, strict=False)
    ]
    text = json.dumps({**known, "inputs": known["inputs"][: len(labels)], "predictions": expected})
    return Golden(text.encode())


def labels_of_estimator(count: int) -> list[int]:
    """Return what the fitted estimator says of the first golden rows, in plain Python."""
    import joblib

    bundle = bundle_of(IRIS)
    rows = json.loads(bundle.golden_examples.text)["inputs"][:count]
    return [int(one) for one in joblib.load(bundle.path / bundle.file).predict(rows)]


def test_right_answers_are_no_problem(spec: ImageSpec, task: Path) -> None:
    """The files answer as the estimator does."""
    outcome = tried(spec, task, Trial(golden=golden(labels_of_estimator(2))))
    assert (outcome.code, outcome.problems, outcome.unchecked) == (0, (), ""), outcome.output
    assert "of this environment" in outcome.instead


def test_another_answer_is_a_problem(spec: ImageSpec, task: Path) -> None:
    """What comes back isn't what has to."""
    first, second = labels_of_estimator(2)
    outcome = tried(spec, task, Trial(golden=golden([first, (second + 1) % 3])))
    assert outcome.problems
    assert not outcome.unchecked


def test_a_module_that_is_missing_is_told(spec: ImageSpec, task: Path) -> None:
    """The handler can't be imported: the exit code and the log say so."""
    (task / "endpoint" / "model.py").unlink()
    outcome = tried(spec, task, Trial(golden=golden(labels_of_estimator(1))))
    assert outcome.code == 1
    assert "No module named 'endpoint.model'" in outcome.output


def test_the_functions_variables_are_there_and_in_no_log(spec: ImageSpec, task: Path) -> None:
    """A handler sees the function's variables and not this machine's; a log shows no value."""
    (task / "mine.py").write_text(
        "import os\n"
        "print(os.environ['TOKEN'], os.environ.get('USER'), os.environ['OMP_NUM_THREADS'])\n"
        "def handle(event, context): return {'statusCode': 200}\n"
    )
    trial = Trial("mine:handle", environment=(("TOKEN", "a-secret-value"),))
    outcome = tried(spec, task, trial)
    assert "(a value) None 1" in outcome.output
    assert "a-secret-value" not in str(outcome)


def test_other_versions_here_are_named(spec: ImageSpec, task: Path) -> None:
    """Answers of another version say nothing of the image, so none are asked for."""
    files = {**dict(spec.files), "requirements.txt": b"joblib==0.0.1\n"}
    outcome = tried(replace(spec, files=tuple(files.items())), task, Trial())
    assert "the image has 0.0.1" in outcome.unchecked
    assert not outcome.instead


def test_other_versions_here_take_the_images_own_out_of_its_layer(
    spec: ImageSpec, task: Path, tmp_path: Path
) -> None:
    """The layer that this machine keeps is unpacked, and its packages are what is imported."""
    root = tmp_path / "kept"
    (root / "var" / "task").mkdir(parents=True)
    (root / "var" / "task" / "joblib.py").write_text("__version__ = 'of the layer'\n")
    make_layer(root, tmp_path / "kept.tar.gz")
    (task / "mine.py").write_text(
        "import joblib\nprint(joblib.__version__, joblib.__file__)\n"
        "def handle(event, context): return {'statusCode': 200}\n"
    )
    files = {**dict(spec.files), "requirements.txt": b"joblib==0.0.1\n"}
    own = replace(spec, files=tuple(files.items()))
    outcome = tried(own, task, Trial("mine:handle"), tmp_path / "kept.tar.gz")
    assert not outcome.unchecked
    assert not outcome.instead
    assert f"of the layer {tmp_path}" in outcome.output


def test_without_the_python_nothing_is_checked(spec: ImageSpec, task: Path) -> None:
    """The reason is told."""
    outcome = tried(replace(spec, python="3.99"), task, Trial())
    assert outcome.unchecked == "Python 3.99 isn't installed"
