"""The files of a project around a script, a notebook or a model file. Nothing of it is run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mldeploy.errors import MldeployError
from mldeploy.project.answers import CONFIG, TRAIN, Answers, render_config
from mldeploy.project.arranging import NameTakenError, train_module
from mldeploy.project.fits import Fit, has_contract, last_fit
from mldeploy.project.notebooks import NotANotebookError, code_of
from mldeploy.project.siblings import LARGEST, Siblings, siblings_of

MODELS = (".joblib", ".pkl", ".pickle", ".skops", ".onnx")
_PICKLES = (".joblib", ".pkl", ".pickle")
_LARGEST_MODEL = 2_000_000_000
IGNORED = "model/\n.model.*\n__pycache__/\n.venv/\n.env\n"

_README = """\
# {name}

{first}

```console
$ {make}
$ mldeploy serve       # on this machine, without AWS and Docker; stop it with Ctrl-C
$ mldeploy deploy      # shows the plan and asks
$ mldeploy invoke      # the bundle's own example
$ mldeploy destroy --confirm {name}
```

`mldeploy.toml` contains all settings.
"""


@dataclass(frozen=True)
class Adopted:
    """A project around a file.

    Attributes:
        files: by name, mldeploy.toml last.
        notes: what the user should check.
        first: the first command.
    """

    files: tuple[tuple[str, bytes], ...]
    notes: tuple[str, ...]
    first: str


def adopted(source: Path, folder: Path, answers: Answers) -> Adopted:
    """Return the files of a project around a file.

    Args:
        source: a script, a notebook, or a file with a fitted model.
        folder: the project's.
        answers: of the user.

    Raises:
        MldeployError: MLD125 for another file, or one that can't be read; MLD126 for code in which
            neither data() and estimator() nor a fit are found.
    """
    suffix = source.suffix.lower()
    if suffix in MODELS:
        return _of_model(source, folder, answers)
    if suffix not in {".py", ".ipynb"}:
        raise _unusable(source, "it is neither a .py, an .ipynb nor a model file")
    text = _text(source)
    if suffix == ".ipynb":
        try:
            text = code_of(text)
        except NotANotebookError as error:
            raise _unusable(source, f"it isn't a notebook of Python: {error}") from error
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "text", None) or ""
        raise _unusable(source, f"it isn't Python: {error}: {line.strip()}") from error
    if suffix == ".py" and has_contract(tree):
        return _of_train_module(source, tree, folder, answers)
    return _of_script(source, text, tree, folder, answers)


def _text(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(source, error) from error


def _of_train_module(source: Path, tree: ast.Module, folder: Path, answers: Answers) -> Adopted:
    """Return a project around a module with data() and estimator(), which is copied as it is."""
    found = siblings_of(tree, source.parent)
    files = [(source.name, source.read_bytes()), *_copies(found, source, folder)]
    text = f"`{source.name}` contains the data and the estimator."
    return Adopted(
        (*_without(files, source, folder), *_own(answers, source.name, text, "mldeploy train")),
        tuple(_of_siblings(found, source, folder)),
        "mldeploy train",
    )


def _of_script(
    source: Path, text: str, tree: ast.Module, folder: Path, answers: Answers
) -> Adopted:
    """Return a project with a train module that is made of a script, or of a notebook's code."""
    fit = last_fit(tree)
    if fit is None:
        raise _no_fit(source)
    if (folder / TRAIN).exists():
        raise MldeployError(
            "MLD123",
            f"{folder / TRAIN} exists, and the code of {source.name} would become {TRAIN}",
            "use another folder: mldeploy init DIR --from FILE",
        )
    try:
        module = train_module(text, tree, fit, source.name)
    except NameTakenError as error:
        raise _name_taken(source, error.name) from error
    found = siblings_of(tree, source.parent)
    files = [(TRAIN, module.encode()), *_copies(found, source, folder)]
    about = f"`{TRAIN}` contains the data and the estimator. It was made of {source.name}."
    return Adopted(
        (*files, *_own(answers, TRAIN, about, "mldeploy train")),
        (*_of_fit(source, fit), *_of_siblings(found, source, folder)),
        "mldeploy train",
    )


def _of_model(source: Path, folder: Path, answers: Answers) -> Adopted:
    """Return a project for a fitted model, which `mldeploy import` makes a bundle of."""
    try:
        if source.stat().st_size > _LARGEST_MODEL:
            raise _unusable(source, "it is larger than 2 GB")
        content = source.read_bytes()
    except OSError as error:
        raise _unreadable(source, error) from error
    trust = " --trust" if source.suffix.lower() in _PICKLES else ""
    first = f"mldeploy import {quote(source.name)}{trust} --example ROWS.csv"
    notes = [
        "ROWS.csv: your rows, with a header, as the model gets them",
        "if they have the column that the model predicts, add --target-column NAME",
        "`mldeploy explain importing` says more",
    ]
    if trust:
        notes.append("--trust: loading a pickle runs code in it; do it only if you trust the file")
    files = _without([(source.name, content)], source, folder)
    text = f"`{source.name}` is the fitted model."
    return Adopted((*files, *_own(answers, TRAIN, text, first)), tuple(notes), first)


def _own(answers: Answers, train: str, text: str, make: str) -> Iterator[tuple[str, bytes]]:
    yield ".gitignore", IGNORED.encode()
    yield "README.md", _README.format(name=answers.name, first=text, make=make).encode()
    yield CONFIG, render_config(answers, train).encode()


def _without(files: list[tuple[str, bytes]], source: Path, folder: Path) -> list[tuple[str, bytes]]:
    """Return the files that aren't in their place already."""
    if source.parent.resolve() == folder.resolve():
        return []
    return files


def _copies(found: Siblings, source: Path, folder: Path) -> list[tuple[str, bytes]]:
    """Return the modules and the data beside a script, which it needs in the new folder, too."""
    if source.parent.resolve() == folder.resolve():
        return []
    return [(name, (source.parent / name).read_bytes()) for name in found.files]


def _of_fit(source: Path, fit: Fit) -> Iterator[str]:
    place = "" if source.suffix == ".ipynb" else f" in its line {fit.line}"
    yield (
        f"{TRAIN} has the code of {source.name} before {fit.call}{place}: check data() and "
        "estimator()"
    )
    if fit.left_out:
        yield f"not passed to fit: {', '.join(fit.left_out)}"


def _of_siblings(found: Siblings, source: Path, folder: Path) -> Iterator[str]:
    if found.too_large and source.parent.resolve() != folder.resolve():
        names = ", ".join(found.too_large)
        yield f"copy to {folder}: {names} (larger than {LARGEST // 1_000_000} MB)"


def _unusable(source: Path, why: str, hint: str = "") -> MldeployError:
    return MldeployError(
        "MLD125",
        f"--from {source}: {why}",
        hint or f"give a train.py, a notebook, or a model file: .py, .ipynb, {', '.join(MODELS)}",
    )


def _unreadable(source: Path, error: Exception) -> MldeployError:
    why = str(getattr(error, "strerror", None) or error)
    hint = "check the path" if isinstance(error, FileNotFoundError) else ""
    return _unusable(source, why, hint)


def _no_fit(source: Path) -> MldeployError:
    return MldeployError(
        "MLD126",
        f"{source.name} has neither data() and estimator() nor a call of fit(X, y) outside of "
        "functions and loops, so it isn't known which model to deploy",
        "add `def data()`, which returns (X, y), and `def estimator()`, which returns the unfitted "
        "pipeline; or call mldeploy.save(pipeline, X, y, name=...) where the pipeline is fitted",
    )


def _name_taken(source: Path, name: str) -> MldeployError:
    return MldeployError(
        "MLD126",
        f"the functions of {source.name} use its variable {name}, and the train module needs this "
        "name for itself",
        f"rename {name} in {source.name}",
    )
