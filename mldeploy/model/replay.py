"""Loading the bundle where it knows nothing of the project: as the image will."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.shipped import shipped

_CLEAN = Path(__file__).with_name("clean.py")
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
_MAIN = "<module '__main__'"
_NOT_THEIRS = {".venv", "venv", "site-packages", "node_modules"}


@dataclass(frozen=True)
class Replayed:
    """What the clean process said.

    Attributes:
        predictions: of the golden inputs.
        problems: differences from the golden predictions.
        modules: those that the pickle names.
        loaded: the top-level names of all that were imported.
        used: the deferred modules that were imported after all.
    """

    predictions: list[Any]
    problems: list[str]
    modules: list[str]
    loaded: list[str]
    used: list[str]


class MissingModuleError(Exception):
    """The model needs a module that was kept out; `module` is its top-level name."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.module = module


@dataclass(frozen=True)
class Task:
    """A folder laid out as the image's /var/task: endpoint, the user's files, the model.

    Attributes:
        folder: where it is.
        root: the project's folder, for advice.
        include: what of the project is in it.
    """

    folder: Path
    root: Path
    include: tuple[str, ...]

    def lay_out(self) -> None:
        """Copy the handler and the user's files."""
        code = shipped("image_template") / "endpoint"
        shutil.copytree(code, self.folder / "endpoint", ignore=_IGNORED)
        for name in self.include:
            source, place = self.root / name, self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, ignore=_IGNORED, dirs_exist_ok=True)
            else:
                shutil.copy(source, place)

    def their_modules(self) -> list[Path]:
        """Return the user's Python files."""
        ours = self.folder / "endpoint"
        return sorted(path for path in self.folder.rglob("*.py") if ours not in path.parents)


_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


def replay(task: Task, bundle: Path, absent: Iterable[str] = ()) -> Replayed:
    """Load the model in a clean process and send its handler the event `verify`.

    Args:
        task: laid out.
        bundle: the model's folder; it is copied to where the handler looks.
        absent: top-level modules that are installed here and won't be in the image.

    Raises:
        MissingModuleError: where one of `absent` is needed after all.
        MldeployError: MLD220 where the pickle needs what the image won't have, MLD221 where
            loading or predicting fails otherwise.
    """
    shutil.copytree(bundle, task.folder / "model", dirs_exist_ok=True)
    kept_out = sorted(absent)
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        request = {"task": str(task.folder), "absent": kept_out, "answer": str(answer)}
        # -P: the project's folder isn't on the path; -E: nor is PYTHONPATH.
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-E", "-P", str(_CLEAN), json.dumps(request)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd=task.folder,
        )
        if done.returncode == 0 and answer.exists():
            return Replayed(**json.loads(answer.read_text(encoding="utf-8")))
    missing = _NO_MODULE.findall(done.stderr)
    if missing and missing[-1].partition(".")[0] in set(kept_out):
        raise MissingModuleError(missing[-1].partition(".")[0])
    raise _explained(done.stderr, task, missing[-1] if missing else "")


def require_same(found: Replayed) -> None:
    """Check that nothing differed.

    Raises:
        MldeployError: MLD222.
    """
    if found.problems:
        raise MldeployError(
            "MLD222",
            f"loaded again, the model says something else: {found.problems[0]}",
            "what the model says may depend on its saved state alone: not on globals, the "
            "clock or chance",
            details=tuple(("difference", line) for line in found.problems[1:10]),
        )


def _explained(stderr: str, task: Task, missing: str) -> MldeployError:
    lines = stderr.strip().splitlines()
    last = lines[-1] if lines else "no reason given"
    if _MAIN in stderr:
        return MldeployError(
            "MLD220",
            f"the model needs something that was defined in a script's __main__: {last}",
            "move it to a module of your own, import it from there, and add the module to "
            "[image] include",
        )
    if missing:
        return _without(missing, task)
    return MldeployError(
        "MLD221",
        f"the saved model can't be loaded and asked: {last}",
        "it works in the process that trained it, so it depends on that process's state",
        details=tuple(("said", line) for line in lines[-6:-1]),
    )


def _without(missing: str, task: Task) -> MldeployError:
    """Return the error of a module that isn't in the image, with where it could come from."""
    top = missing.partition(".")[0]
    code, message = "MLD220", f"the model needs the module {missing}, which is not in the image"
    place = next((name for name in (f"{top}.py", top) if (task.root / name).exists()), None)
    if place:
        listed = ", ".join(json.dumps(one) for one in dict.fromkeys([*task.include, place]))
        return MldeployError(code, message, f"[image] include = [{listed}]")
    elsewhere = _elsewhere(task.root, top)
    if elsewhere:
        return MldeployError(
            code,
            f"{message}: {elsewhere} is in a folder below mldeploy.toml's",
            f"move it beside mldeploy.toml and add it to [image] include, or import it as "
            f"{elsewhere.removesuffix('.py').replace('/', '.')}: included files keep their paths",
        )
    return MldeployError(code, message, f'[image] requirements = ["{top}"], if it is a package')


def _elsewhere(root: Path, top: str) -> str:
    """Return where else in the project a module is, relative to its folder, or ""."""
    for path in sorted(root.rglob(f"{top}.py")):
        relative = path.relative_to(root)
        if not _NOT_THEIRS & set(relative.parts):
            return relative.as_posix()
    return ""
