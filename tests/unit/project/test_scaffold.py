"""A new project, from nothing to a file that load_config takes."""

from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.files.shipped import shipped
from mldeploy.project.answers import Answers, checked, default_name, render_config
from mldeploy.project.scaffold import scaffold

ROOT = Path(__file__).parents[3]


def test_the_example_is_what_init_renders() -> None:
    """The example is what `init --auth none` writes, so that the two can't drift apart."""
    example = (ROOT / "examples" / "iris" / "mldeploy.toml").read_text()
    assert example == render_config(Answers("iris", auth="none"))


@pytest.mark.parametrize(
    "answers",
    [
        Answers("iris"),
        Answers("my-model", "eu-central-1", "iam", 2048),
    ],
)
def test_the_answers_are_saved_in_a_file_that_loads(answers: Answers, tmp_path: Path) -> None:
    """What init asked is in the file, and the file is valid."""
    made = scaffold(tmp_path / "new", answers)
    config = load_config(made.path, environ={})
    assert config.functions[0].memory == answers.memory
    saved = (config.name, config.region, config.api.auth)
    assert saved == (answers.name, answers.region, answers.auth)


def test_a_public_endpoint_is_called_public_in_the_file() -> None:
    """Whoever reads the file sees what auth = "none" means."""
    lines = render_config(Answers("iris", auth="none")).splitlines()
    assert "PUBLIC" in lines[lines.index('auth = "none"') - 1]
    assert "PUBLIC" not in render_config(Answers("iris", auth="iam"))


def example(folder: Path) -> Path:
    """Make a small example with what a checkout leaves in it."""
    for name in ("train.py", "events/event.json", "model/model.json", "__pycache__/train.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"the example's {name}")
    (folder / "mldeploy.toml").write_text(render_config(Answers("example", auth="none")))
    return folder


def test_the_examples_files_are_copied_but_not_what_it_made(tmp_path: Path) -> None:
    """A bundle or byte code that lies in a checkout is not part of a new project."""
    made = scaffold(tmp_path / "new", Answers("new"), example=example(tmp_path / "example"))
    assert made.created == ("events/event.json", "train.py", "mldeploy.toml")
    assert (tmp_path / "new/train.py").read_text() == "the example's train.py"
    assert (tmp_path / "new/mldeploy.toml").read_text() == render_config(Answers("new"))


def test_the_readme_has_the_projects_name(tmp_path: Path) -> None:
    """Its title, and the command that destroys the project; the example's own name is gone."""
    made = scaffold(tmp_path / "new", Answers("credit-risk"))
    text = (made.path / "README.md").read_text()
    assert text.startswith("# credit-risk\n")
    assert "$ mldeploy destroy --confirm credit-risk\n" in text
    assert "iris" not in text.lower()
    iris = scaffold(tmp_path / "iris", Answers("iris"))
    example = ROOT / "examples" / "iris" / "README.md"
    assert (iris.path / "README.md").read_bytes() == example.read_bytes()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file of the user's own stays as it is, and is named."""
    new = tmp_path / "new"
    new.mkdir()
    (new / "train.py").write_text("mine")
    made = scaffold(new, Answers("new"), example=example(tmp_path / "example"))
    assert (made.created, made.kept) == (("events/event.json", "mldeploy.toml"), ("train.py",))
    assert (new / "train.py").read_text() == "mine"


def test_an_existing_project_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Init twice in a folder changes nothing the second time."""
    (tmp_path / "mldeploy.toml").write_text("mine")
    with pytest.raises(MldeployError) as raised:
        scaffold(tmp_path, Answers("new"))
    assert raised.value.code == "MLD121"
    assert [path.name for path in tmp_path.iterdir()] == ["mldeploy.toml"]
    assert (tmp_path / "mldeploy.toml").read_text() == "mine"


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    """A file of that name, or one on the way."""
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(MldeployError) as raised:
            scaffold(folder, Answers("new"))
        assert raised.value.code == "MLD123"


@pytest.mark.parametrize(
    ("wrong", "flag"),
    [
        (Answers("Bad_name"), "--name"),
        (Answers("a" * 60), "--name"),
        (Answers("a" * 31, region="eu-central-1"), "--name"),
        (Answers("iris", region="here"), "--region"),
        (Answers("iris", memory=64), "--memory"),
    ],
)
def test_wrong_answers_are_refused_before_anything_is_written(
    wrong: Answers, flag: str, tmp_path: Path
) -> None:
    """A project that load_config would refuse is not made; the message names the flag."""
    with pytest.raises(MldeployError, match=flag) as raised:
        scaffold(tmp_path / "new", wrong)
    assert raised.value.code == "MLD102"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("iris", "iris"),
        ("My Project_2", "my-project-2"),
        ("Überwachung", "uberwachung"),
        ("2024-model", "model-2024-model"),
        ("模型", "my-model"),
        ("a-very-long-name-of-a-folder-that-goes-on", "a-very-long-name-of-a-fo"),
    ],
)
def test_a_folders_name_becomes_a_valid_project_name(
    folder: str, name: str, tmp_path: Path
) -> None:
    """--yes works in any folder."""
    assert default_name(tmp_path / folder) == name
    assert checked(replace(Answers("x", region="ap-southeast-1"), name=name))


def test_a_folder_that_is_not_shipped_is_an_error() -> None:
    """An incomplete installation says what it lacks."""
    with pytest.raises(FileNotFoundError, match="nothing"):
        shipped("nothing")
