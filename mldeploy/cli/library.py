"""The library's door: `mldeploy.save`, for notebooks and scripts."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.config.file import FILE_NAME, load_config, nearest_file
from mldeploy.errors import MldeployError
from mldeploy.model.bundling import Terms
from mldeploy.model.handed import Handed, ready
from mldeploy.model.train import Place
from mldeploy.model.train import save as save_bundle
from mldeploy.project.answers import Answers, default_name
from mldeploy.project.scaffold import scaffold_bare
from mldeploy.render.notebook import Lines
from mldeploy.render.report.writing import write_after_training
from mldeploy.render.trained import trained_words


@dataclass(frozen=True)
class Saved:
    """A bundle that `save` has written.

    Attributes:
        project: the folder with mldeploy.toml, absolute.
        bundle: the bundle's folder, absolute.
        digest: of the bundle's content; equal for equal models.
        metrics: by name: on the held-out rows, or the means over the folds; None for one that is
            undefined.
        evaluation: how they were measured: folds, baseline, numbers of rows.
    """

    project: Path
    bundle: Path
    digest: str
    metrics: Mapping[str, float | None]
    evaluation: Mapping[str, Any] = field(repr=False)


def save(
    estimator: Any,
    X: Any,  # noqa: N803 - as scikit-learn writes it
    y: Any = None,
    *,
    name: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    sample_weight: Any = None,
    class_names: Sequence[Any] | None = None,
    example: Any = None,
    min_metric: Mapping[str, float] | None = None,
    refit: bool = False,
    quiet: bool = False,
) -> Saved:
    """Write the bundle of a model, as `mldeploy train` does, and return what it measured.

    A fitted estimator is served as it is. Copies of it are fitted in a cross-validation, whose
    means are its metrics. An estimator that isn't fitted, or any with `refit=True`, is cloned and
    fitted as `mldeploy train` does: without a fifth of the rows, which measure it.

    The bundle is verified in a clean process before it is written: the endpoint must give the
    estimator's own predictions. An existing bundle is replaced only after that.

    Args:
        estimator: with `predict`, or only `transform`.
        X: of shape (rows, columns), a DataFrame or an array; or texts, of shape (rows,). For a
            fitted estimator the rows that it was fitted on. At least 10.
        y: of shape (rows,) or (rows, outputs); None for a model without a target.
        name: the project's name: lower-case letters, digits, hyphens. By default that of the
            project in this folder; it is needed if there is none.
        folder: the project's folder. By default the one of the mldeploy.toml in this folder or
            above, else a new folder with the project's name.
        sample_weight: of shape (rows,).
        class_names: for people, in the order of the sorted classes.
        example: of a request: one row. It is public. By default one is generated.
        min_metric: smallest values of scores and largest of errors, such as {"f1_macro": 0.9}; a
            worse model isn't saved.
        refit: whether to fit a fitted estimator anew.
        quiet: whether to print nothing.

    Raises:
        MldeployError: MLD102 for an invalid name, MLD127 without one or for another project's,
            MLD2xx for a model that can't be served; see docs/errors.md. Its notes say what to do.
    """
    given = (X, y) if sample_weight is None else (X, y, sample_weight)
    handed = Handed(estimator, given, class_names, example)
    lines = Lines(quiet=quiet)
    made: list[Path] = []
    try:
        config = _project(name, Path(folder) if folder is not None else None, made)
        handed = ready(handed, refit=refit, hooks=config.hooks is not None)
        terms = Terms(min_metric or {})
        bundle = save_bundle(config, handed, _place(config), lines.on_event, terms)
        written = write_after_training(config, bundle, lines.on_event)
    except BaseException as error:
        _take_back(made)
        if isinstance(error, MldeployError):
            _explain(error)
        raise
    lines.show(trained_words(bundle, written))
    lines.say(f"next, in {config.root}: mldeploy serve, or mldeploy deploy")
    facts = bundle.facts
    return Saved(config.root, bundle.path, bundle.digest, facts["metrics"], facts["evaluation"])


def _take_back(made: list[Path]) -> None:
    """Remove a new project whose model wasn't saved."""
    for one in made:
        with suppress(OSError):  # a folder with something else in it stays
            one.rmdir() if one.is_dir() else one.unlink()


def _project(name: str | None, folder: Path | None, made: list[Path]) -> Config:
    """Return the project to write to; create it if there is none.

    Args:
        name: of the project.
        folder: of the project.
        made: gets the paths that it creates, the folder last.

    Raises:
        MldeployError: MLD127.
    """
    file = nearest_file()
    place = folder or (file.parent if file else None) or (Path(name) if name else None)
    if place is None:
        raise MldeployError(
            "MLD127",
            f"there is no {FILE_NAME} in this folder or above, and no name for a new project",
            'add name="my-model", which makes the folder my-model',
        )
    if not (place / FILE_NAME).exists():
        folders = [place] if not place.exists() else []
        new = scaffold_bare(place, Answers(name or default_name(place)))
        made += [*(new.path / one for one in new.created), *folders]
    config = load_config(place)
    if name not in {None, config.name}:
        raise MldeployError(
            "MLD127",
            f"the project in {config.root} is called {config.name}, not {name}",
            f'use name="{config.name}", or folder="{name}" for a project of its own',
        )
    return config


def _place(config: Config) -> Place:
    """Return where this Python is: a module beside a notebook is the user's own, too."""
    here = Path.cwd()
    inside = here.resolve().is_relative_to(config.root.resolve())
    code = config.root if inside or config.included else here
    paths = (Path(one).absolute() for one in sys.path if one)
    return Place(here, code, tuple(str(one) for one in paths if one.is_relative_to(code)))


def _explain(error: MldeployError) -> None:
    """Let a traceback show what the command line shows below a message."""
    for label, text in error.details:
        error.add_note(f"{label}: {text}")
    if error.hint:
        error.add_note(f"fix: {error.hint}")
    error.add_note(f"code: {error.code}")
