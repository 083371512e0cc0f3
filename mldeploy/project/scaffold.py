"""Creates a project: of a template, or around what somebody has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.config import Auth
from mldeploy.errors import MldeployError
from mldeploy.project.adopting import IGNORED, Adopted, adopted
from mldeploy.project.answers import CONFIG, Answers, checked, render_config
from mldeploy.project.templates import DEFAULT, TEMPLATES, files_of
from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class Scaffolded:
    """A created project.

    Attributes:
        path: its folder, absolute.
        name: the project's name.
        auth: of the endpoint: "none" (public) or "iam".
        created: new files, relative to the folder.
        kept: existing files that were kept.
        template: the template, or "" with --from.
        source: the file of --from, or "".
        notes: what to do first, or to check.
        first: the first command.
    """

    path: Path = field(metadata=in_json(InJson(key="project")))
    name: str
    auth: Auth
    created: tuple[str, ...]
    kept: tuple[str, ...]
    template: str = ""
    source: str = ""
    notes: tuple[str, ...] = field(default=(), metadata=HIDDEN)
    first: str = field(default="mldeploy train", metadata=HIDDEN)


def require_empty_place(folder: Path) -> None:
    """Refuse a folder that contains a project or can't be created.

    Raises:
        MldeployError: MLD121 if mldeploy.toml exists, MLD123 if the folder can't be created.
    """
    if (folder / CONFIG).exists() or (folder / CONFIG).is_symlink():
        raise MldeployError(
            "MLD121",
            f"{folder / CONFIG} already exists; nothing was written",
            "edit it, or use another folder: mldeploy init DIR",
        )
    if folder.exists() and not folder.is_dir():
        raise MldeployError("MLD123", f"{folder} isn't a folder", "mldeploy init DIR")


def scaffold(
    folder: Path, answers: Answers, template: str = DEFAULT, example: Path | None = None
) -> Scaffolded:
    """Create a working project of a template without overwriting existing files.

    Args:
        folder: created if it doesn't exist.
        answers: of the user.
        template: a key of `TEMPLATES`.
        example: the files to copy; those of the template if None.

    Raises:
        MldeployError: MLD102 for an invalid answer, MLD121 and MLD123 as in `require_empty_place`,
            and MLD123 if a file can't be written.
    """
    chosen = TEMPLATES[template]
    checked(answers, chosen.function)
    require_empty_place(folder)
    created, kept = _write(folder, files_of(example or chosen.folder, chosen.example, answers))
    missing = chosen.missing
    notes = (f"install first: pip install {' '.join(missing)}",) if missing else ()
    return Scaffolded(
        folder.resolve(), answers.name, answers.auth, created, kept, template, notes=notes
    )


def scaffold_around(folder: Path, answers: Answers, source: Path) -> Scaffolded:
    """Create a project around a script, a notebook or a model file.

    Args:
        folder: created if it doesn't exist; may be the folder of the script.
        answers: of the user.
        source: the file.

    Raises:
        MldeployError: as `scaffold`; MLD125 and MLD126 if the file can't be used.
    """
    checked(answers)
    require_empty_place(folder)
    found: Adopted = adopted(source, folder, answers)
    created, kept = _write(folder, found.files)
    return Scaffolded(
        folder.resolve(),
        answers.name,
        answers.auth,
        created,
        kept,
        source=str(source),
        notes=found.notes,
        first=found.first,
    )


def scaffold_bare(folder: Path, answers: Answers) -> Scaffolded:
    """Create a project without a train module, for a bundle that `mldeploy.save` writes.

    Raises:
        MldeployError: as `scaffold`.
    """
    checked(answers)
    require_empty_place(folder)
    files = ((".gitignore", IGNORED.encode()), (CONFIG, render_config(answers).encode()))
    created, kept = _write(folder, files)
    return Scaffolded(folder.resolve(), answers.name, answers.auth, created, kept)


def _write(
    folder: Path, files: Iterable[tuple[str, bytes]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write files, mldeploy.toml last, so that an interrupted command can be repeated.

    Returns:
        The new files, and those that existed and were kept.
    """
    created: list[str] = []
    kept: list[str] = []
    for name, content in files:
        (created if _written(folder / name, content) else kept).append(name)
    return tuple(created), tuple(kept)


def _written(path: Path, content: bytes) -> bool:
    """Write a new file; return False if it exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    except OSError as error:
        raise MldeployError("MLD123", f"can't write {path}: {error.strerror}") from error
    return True
