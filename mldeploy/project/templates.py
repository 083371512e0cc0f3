"""The projects that `init --template` copies: the examples, with the user's name and settings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mldeploy.files.shipped import shipped
from mldeploy.project.answers import CONFIG, Answers, auth_comment, region_line

README = "README.md"
_NOT_COPIED = {"model", "models", "__pycache__", ".venv"}
"""What training, Python and a checkout leave in an example."""


@dataclass(frozen=True)
class Template:
    """An example to start from.

    Attributes:
        example: its folder in `examples`, which is also the name in its files.
        what: a line about it.
        needs: packages beyond mldeploy's own, by the module that they install.
        function: the longest name of a function in it.
    """

    example: str
    what: str
    needs: tuple[tuple[str, str], ...] = ()
    function: str = "predict"

    @property
    def folder(self) -> Path:
        """The example's files."""
        return shipped(f"examples/{self.example}")

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that aren't installed here."""
        return tuple(package for module, package in self.needs if find_spec(module) is None)


DEFAULT = "iris"
TEMPLATES = {
    "iris": Template("iris", "the tutorial: a classifier of four numbers"),
    "tabular": Template(
        "churn",
        "a pandas DataFrame with numbers, categories, texts and missing values",
        (("pandas", "pandas"),),
    ),
    "text": Template("tickets", "a classifier of short texts"),
    "regression": Template("diabetes", "a model that predicts a number"),
    "gradient-boosting": Template(
        "wine-xgboost", "trees of XGBoost, missing values", (("xgboost", "xgboost-cpu"),)
    ),
    "custom-handler": Template(
        "iris-validate", "a function of your own beside the model", function="validate"
    ),
    "two-models": Template("wine-two", "two models behind one API"),
}


def files_of(source: Path, example: str, answers: Answers) -> Iterator[tuple[str, bytes]]:
    """Yield a new project's files by their names, mldeploy.toml last.

    The project has the example's code and data, and the user's name, region, access and memory.

    Args:
        source: the example's folder.
        example: the name in its files.
        answers: of the user.
    """
    names = [one.relative_to(source) for one in sorted(source.rglob("*")) if one.is_file()]
    kept = [one.as_posix() for one in names if not _NOT_COPIED & set(one.parts)]
    for name in sorted(kept, key=lambda one: one == CONFIG):
        content = (source / name).read_bytes()
        if name == CONFIG:
            content = adapted(content.decode(), answers).encode()
        elif name == README:
            content = renamed(content.decode(), example, answers.name).encode()
        yield name, content


def adapted(config: str, answers: Answers) -> str:
    """Return an example's mldeploy.toml with the user's answers.

    The memory is that of the first function, which serves a model.
    """
    memory = f"memory = {answers.memory}"
    for pattern, line in (
        (r'^name = ".*"$', f'name = "{answers.name}"'),
        (r"^# region = .*$", region_line(answers.region)),
        (r"^memory = \d+(?P<rest> *# MB.*)$", f"{memory}\\g<rest>"),
        (r"^# .*\nauth = .*$", f'{auth_comment(answers.auth)}\nauth = "{answers.auth}"'),
    ):
        config = re.sub(pattern, line, config, count=1, flags=re.MULTILINE)
    return config


def renamed(readme: str, example: str, name: str) -> str:
    """Return an example's README with the project's name: its title, and `destroy --confirm`."""
    if name == example:
        return readme
    _, _, body = readme.partition("\n")
    return f"# {name}\n{body}".replace(f"--confirm {example}\n", f"--confirm {name}\n")
