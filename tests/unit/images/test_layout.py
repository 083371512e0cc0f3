"""What lies where below /var/task: as the Dockerfile tells an engine, so the rest of us."""

import re
from pathlib import PurePosixPath

import pytest

from mldeploy.config.task import TASK
from mldeploy.files.shipped import shipped
from mldeploy.images.layout import LAYERS, included, of_model, place_of, project_file

DOCKERFILE = (shipped("image_template") / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
"""The instructions of each stage; the last one is the image's own."""


def copied(stage: str) -> set[tuple[str, str]]:
    """Return the folders that a stage copies below /out, and where they are in the image then."""
    found = re.findall(r"^COPY (\S+)/ /out(\S+)", stage, flags=re.MULTILINE)
    return {(folder, str(PurePosixPath(place))) for folder, place in found}


def test_the_dockerfile_copies_each_folder_to_its_place() -> None:
    """Layer by layer; what pip installs has no folder in the build context."""
    stages = {stage.split()[2]: copied(stage) for stage in STAGES[:-1]}
    ours = {
        layer: {(part.folder, str(PurePosixPath(TASK, part.place))) for part in parts}
        for layer, parts in LAYERS.items()
    }
    assert stages == ours
    assert f"--target /out{TASK} " in STAGES[0]


def test_the_dockerfile_lays_the_layers_in_the_same_order() -> None:
    """What changes least comes first: a deploy of a new model sends only the last one."""
    assert re.findall(r"^COPY --from=(\w+) /out/ /$", STAGES[-1], flags=re.MULTILINE) == list(
        LAYERS
    )


@pytest.mark.parametrize(
    ("path", "place", "project"),
    [
        ("endpoint/pages/html.py", "endpoint/pages/html.py", None),
        ("model/model.json", "model/model.json", None),
        ("include/features.py", "features.py", "features.py"),
        ("include/mine/steps.py", "mine/steps.py", "mine/steps.py"),
        ("build/prune.py", None, None),
        ("pip/pip.conf", None, None),
        ("requirements.txt", None, None),
        ("Dockerfile", None, None),
        ("model", None, None),
    ],
)
def test_a_file_has_its_place(path: str, place: str | None, project: str | None) -> None:
    """None for what only a build reads."""
    assert place_of(path) == place
    assert project_file(path) == project


def test_paths_of_the_build_context_lead_back() -> None:
    """A file of the project is found at its own path, the model's below its folder."""
    assert place_of(included("mine/steps.py")) == "mine/steps.py"
    assert place_of(of_model("model.json")) == "model/model.json"
