"""Loads the bundle in a clean process without the project, as the image does."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.config.task import ENDPOINT, MODEL
from mldeploy.errors import MldeployError
from mldeploy.files.included import included_files
from mldeploy.files.shipped import shipped
from mldeploy.model.bundle import CODE, GOLDEN
from mldeploy.model.golden import Golden
from mldeploy.model.needs.local_modules import hint_for, lay_out, locate
from mldeploy.model.proof.judging import Response
from mldeploy.model.proof.requests import ROUTE, V2_ROUTE, Request

_CLEAN = Path(__file__).with_name("clean.py")
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
_NO_VARIABLE = re.compile(r"KeyError: '(?P<name>\w+)'")
_NO_FILE = re.compile(r"FileNotFoundError: .*: '(?P<name>[^']+)'")
_MAIN = "<module '__main__'"
_INHERITED = re.compile(
    r"PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|LANG|LC_\w+|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+"
    r"|(OMP|OPENBLAS|MKL|BLIS|GOTO|VECLIB|NUMEXPR|KMP|CUDA|CONDA)_\w+|VIRTUAL_ENV|COVERAGE\w*"
)
"""The variables of this machine that the clean process gets; functions in Lambda have none of the
user's."""
_NO_LIMIT = str(2**31)
_OURS = {
    "TZ": "UTC",
    "MLDEPLOY_ROUTES": f"{ROUTE}|{V2_ROUTE}",
    "MLDEPLOY_MAX_BODY": _NO_LIMIT,
    "MLDEPLOY_MAX_ROWS": _NO_LIMIT,
}
"""Lambda's time zone (developer guide, "Defined runtime environment variables"), all formats, and
no limits, which are only for clients."""


@dataclass(frozen=True)
class Replayed:
    """The results of the clean process.

    Attributes:
        problems: differences from the golden predictions.
        responses: to the requests.
        dtypes: of the endpoint's table of rows.
        used: the deferred modules that were imported.
    """

    problems: list[str]
    responses: list[Response]
    dtypes: list[str]
    used: list[str]


@dataclass(frozen=True)
class Asked:
    """The tasks of the clean process.

    Attributes:
        requests: to send to the handler.
        rows: in the form of requests, to build a table; empty for a model without tables.
        environment: the function's variables.
        absent: top-level modules that are installed here but not in the image.
    """

    requests: list[Request]
    rows: list[list[Any]]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    absent: Iterable[str] = ()


class MissingModuleError(Exception):
    """Raised if the model needs an excluded module or one of the project.

    `module` is its top-level name, `name` the full one.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.module = name.partition(".")[0]


@dataclass(frozen=True)
class Task:
    """A folder laid out as the image's /var/task: endpoint, the user's files, the model.

    Attributes:
        folder: its path.
        root: the project's folder, for advice.
        include: the project's files in it.
        code: the bundle's local modules, by their paths in the folder.
        roots: the folders that local modules are imported from.
    """

    folder: Path
    root: Path
    include: tuple[str, ...]
    code: Mapping[str, Path] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()

    def lay_out(self) -> None:
        """Copy the handler and the user's files."""
        code = shipped("image_template") / ENDPOINT
        shutil.copytree(code, self.folder / ENDPOINT, ignore=_IGNORED)
        lay_out(self.code, self.folder)
        for name, source in included_files(self.root, self.include):
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)

    def lacks(self, name: str) -> dict[str, Path]:
        """Return the files of a local module that aren't in the folder."""
        found = locate(name, self.roots, self.root, self.include) or {}
        return {key: path for key, path in found.items() if not (self.folder / key).exists()}

    def their_modules(self) -> list[Path]:
        """Return the Python files that the user includes."""
        places = [self.folder / name for name in self.include]
        return sorted(
            path for one in places for path in ([one] if one.is_file() else one.rglob("*.py"))
        )


_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


def replay(task: Task, bundle: Path, asked: Asked) -> Replayed:
    """Load the model in a clean process, verify it, and send its handler requests.

    Args:
        task: the laid out folder.
        bundle: the model's folder, which is copied to the handler's location.
        asked: the requests.

    Raises:
        MissingModuleError: if one of the absent modules is needed.
        MldeployError: MLD220 if the pickle needs modules missing in the image, MLD221 if
            loading or predicting fails for another reason.
    """
    ignored = shutil.ignore_patterns(CODE, GOLDEN)
    golden = Golden((bundle / GOLDEN).read_bytes())
    shutil.copytree(bundle, task.folder / MODEL, ignore=ignored, dirs_exist_ok=True)
    kept_out = sorted(asked.absent)
    with tempfile.TemporaryDirectory() as scratch:
        answer, request = Path(scratch) / "answer.json", Path(scratch) / "request.json"
        told = {
            "task": str(task.folder),
            "absent": kept_out,
            "answer": str(answer),
            "environment": {**asked.environment, **_OURS},
            "requests": [asdict(one) for one in asked.requests],
            "rows": asked.rows,
            "verify": list(golden.events()),
        }
        request.write_text(json.dumps(told), encoding="utf-8")
        done = _run_clean(request, task.folder)
        if done.returncode == 0 and answer.exists():
            found = json.loads(answer.read_text(encoding="utf-8"))
            found["responses"] = [Response(**one) for one in found["responses"]]
            problems = golden.problems(found.pop("verified"))
            return Replayed(problems=problems, **found)
    missing = _NO_MODULE.findall(done.stderr)
    if missing and (missing[-1].partition(".")[0] in set(kept_out) or task.lacks(missing[-1])):
        raise MissingModuleError(missing[-1])
    raise _explained(done, task, missing[-1] if missing else "")


def _run_clean(request: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run `clean.py` in a folder, with few of this machine's variables."""
    # -P: the project's folder isn't on the path; -E: nor is PYTHONPATH.
    return subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-E", "-P", str(_CLEAN), str(request)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=folder,
        env={k: value for k, value in os.environ.items() if _INHERITED.fullmatch(k)},
    )


def require_verified(found: Replayed) -> None:
    """Check that the handler's predictions of the golden examples are the estimator's.

    Raises:
        MldeployError: MLD222.
    """
    if found.problems:
        raise MldeployError(
            "MLD222",
            f"the reloaded model gives different predictions: {found.problems[0]}",
            "remove what the model uses in addition to its saved state: probably a global that "
            "train.py sets, a file, the clock or chance",
            details=tuple(("difference", line) for line in found.problems[1:10]),
        )


def _explained(done: "subprocess.CompletedProcess[str]", task: Task, missing: str) -> MldeployError:
    stderr = done.stderr
    lines = stderr.strip().splitlines()
    last = next((line for line in reversed(lines) if line.strip()), "no reason given")
    if done.returncode < 0:
        last = f"it was terminated by signal {-done.returncode}"
    if _MAIN in stderr:
        return MldeployError(
            "MLD220",
            f"the model needs something that was defined in a script's __main__: {last}",
            "define it in a module next to train.py and import it from there",
        )
    if missing:
        return _without(missing, task)
    return MldeployError(
        "MLD221",
        f"the saved model can't be loaded: {last}",
        _hint_for(stderr, last, task),
        details=tuple(("at", line.strip()) for line in lines[:-1] if line.startswith("  File"))[
            -4:
        ],
    )


def _hint_for(stderr: str, last: str, task: Task) -> str:
    """Return the fix for a failure by Python's message."""
    variable, file = _NO_VARIABLE.match(last), _NO_FILE.match(last)
    # Python's own frames of `os.environ`: a frozen module, or the file.
    if variable and re.search(r'"(<frozen os>|.*[/\\]os\.py)", line \d+, in __getitem__', stderr):
        name = variable["name"]
        return (
            f"the variable {name} was set in training and isn't set in Lambda: "
            f'[functions.NAME.environment] {name} = "..."'
        )
    if file:
        name = Path(file["name"]).name
        found = next(iter(sorted(task.root.rglob(name))), None)
        shown = found.relative_to(task.root).as_posix() if found else name
        return f'add the file to the image: [image] include = ["{shown}"], and read it there'
    if last.startswith("AttributeError: Can't get attribute"):
        return "define it at the top of its module, not inside a function or under __main__"
    return "see above where it failed; the code probably needs something that only training has"


def _without(missing: str, task: Task) -> MldeployError:
    """Return the error for a module missing in the image, with its possible source."""
    return MldeployError(
        "MLD220",
        f"the model needs the module {missing}, which is not in the image",
        hint_for(missing, task.root),
    )
