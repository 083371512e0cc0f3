"""From a fitted model to a bundle, however it was fitted: the proofs, and one step at the end."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mldeploy import __version__
from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError, disk_full
from mldeploy.events import Emit, Failed, Finished, Note, Started
from mldeploy.model.bundle import FACTS, REQUIREMENTS, Bundle, load_bundle
from mldeploy.model.installable import Target, check_installable
from mldeploy.model.metrics import require
from mldeploy.model.replay import MissingModuleError, Replayed, Task, replay, require_same
from mldeploy.model.requirements import (
    absent_modules,
    distributions_of,
    imported_by,
    optional_modules,
    pinned,
)
from mldeploy.model.training import versions_of, write_golden
from mldeploy.model.usefulness import require_useful

Found = TypeVar("Found")
_LOADERS = {"sklearn": "joblib", "onnx": "onnxruntime"}
"""What loads the models of a framework in the image."""
_DEFERRABLE = ("scipy.stats",)
"""What scikit-learn imports for a function here and there (read in its source, 1.9): nearly half
of a start, and few models use any of it."""


def make_bundle(  # noqa: PLR0913 - each is an option of the commands, or a step
    config: Config,
    step: str,
    make: Callable[[Path, Path], dict[str, Any]],
    emit: Emit,
    thresholds: Mapping[str, float] | None = None,
    *,
    allow_useless: bool = True,
) -> Bundle:
    """Make a model, prove it in a clean process, and write the bundle in one step.

    An existing bundle is replaced only by one that passed everything.

    Args:
        config: of the project.
        step: what making it is called.
        make: gets a scratch folder and the bundle's; leaves the model in the latter and returns
            its facts, with "golden_inputs".
        emit: gets the steps, and a warning where the package index can't be asked.
        thresholds: by metric; at least for a score, at most for an error.
        allow_useless: whether a model that is no better than the baseline is only a warning.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """
    _require_python(config)
    _require_place(config.bundle)
    with tempfile.TemporaryDirectory(prefix="mldeploy-") as folder:
        target = Path(folder) / "bundle"
        target.mkdir()
        facts = _step(emit, step, lambda: make(Path(folder), target))
        require(facts["metrics"], thresholds or {})
        require_useful(facts, emit, allow=allow_useless)
        inputs = facts.pop("golden_inputs")
        _step(emit, "replay in a clean process", lambda: _proved(config, target, facts, inputs))
        _step(emit, "check wheels for Lambda", lambda: _installable(config, target, facts, emit))
        _swap(target, config.bundle)
    return load_bundle(config.bundle)


def in_child(
    module: str, request: Path, root: Path, target: Path, *, pipe: int | None = None
) -> dict[str, Any]:
    """Run a module of ours on a request, in a process of its own, and return the facts.

    What the user's code does to a process ends with it, and a death of it is told. `pipe` is
    handed to the child.

    Raises:
        MldeployError: what the child said, or MLD205 where it said nothing; MLD620 where the disk
            has no room for what it had to say.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        # -P: a file of the user's called json.py is no reason to fail.
        [sys.executable, "-P", "-m", module, str(request)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=2,
        check=False,
        pass_fds=() if pipe is None else (pipe,),
    )
    outcome = target / "outcome.json"
    if not outcome.exists():
        unsaid = disk_full(OSError(done.returncode, ""))
        raise unsaid or MldeployError(
            "MLD205",
            f"the process of the model ended with {done.returncode} and no result",
            "its last lines are above; a killed process may have run out of memory",
        )
    found = json.loads(outcome.read_text(encoding="utf-8"))
    outcome.unlink()
    if "error" in found:
        raise _error_of(found["error"])
    return dict(found["facts"])


def _step(emit: Emit, name: str, work: Callable[[], Found]) -> Found:
    started = time.monotonic()
    emit(Started(name))
    try:
        result = work()
    except MldeployError as error:
        emit(Failed(name, error.message))
        raise
    emit(Finished(name, time.monotonic() - started))
    return result


def _require_python(config: Config) -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if config.python and config.python != running:
        raise MldeployError(
            "MLD204",
            f"{config.file.name} asks for Python {config.python}, this is Python {running}",
            f"run mldeploy with Python {config.python}, or change [project] python: the image "
            "gets the Python that trained the model",
        )


def _require_place(place: Path) -> None:
    """Refuse to put the bundle in place of something else."""
    if place.exists() and not (place / FACTS).is_file() and (
        not place.is_dir() or any(place.iterdir())
    ):  # fmt: skip
        raise MldeployError(
            "MLD206",
            f"{place} is in the way: it is no model bundle",
            f"move it elsewhere: `mldeploy train` writes its bundle to {place.name}/",
        )


def _error_of(found: dict[str, Any]) -> MldeployError:
    return MldeployError(
        found["code"],
        found["message"],
        found["hint"],
        details=tuple((label, text) for label, text in found["details"]),
        exit_code=ExitCode(found["exit_code"]),
    )


def _proved(config: Config, target: Path, facts: dict[str, Any], inputs: list[Any]) -> None:
    """Ask the model in clean processes: for the golden answers, then to repeat them.

    The second time only what the image will install can be imported.
    """
    facts |= {"versions": {}, "golden_sha256": write_golden(target, inputs, [])}
    _write_facts(target, facts)
    with tempfile.TemporaryDirectory(prefix="mldeploy-task-") as folder:
        task = Task(Path(folder).resolve() / "task", config.root, config.included)
        task.lay_out()
        first = replay(task, target)
        facts["golden_sha256"] = write_golden(target, inputs, first.predictions)
        _write_facts(target, facts)
        loader = _LOADERS[facts["model"]["framework"]]
        distributions = _needed(config, task, target, first, loader)
        facts["model"]["deferred"] = _deferred(task, target, facts, distributions)
    facts["versions"] = versions_of(distributions)
    lines = pinned(distributions, config.image.requirements)
    (target / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    _write_facts(target, {**facts, "provenance": _provenance(config.root)})


def _deferred(
    task: Task, target: Path, facts: dict[str, Any], distributions: list[str]
) -> list[str]:
    """Return the modules whose import can wait: without them the model answers as with them."""
    if "scikit-learn" not in distributions:
        return []
    _write_facts(target, {**facts, "model": {**facts["model"], "deferred": list(_DEFERRABLE)}})
    try:
        found = replay(task, target, absent_modules(distributions))
    except (MissingModuleError, MldeployError):
        return []  # something derives from a class of theirs, or asks what it is
    finally:
        _write_facts(target, facts)
    unused = [name for name in _DEFERRABLE if name not in found.used]
    return [] if found.problems else unused


def _needed(config: Config, task: Task, target: Path, first: Replayed, loader: str) -> list[str]:
    """Return the distributions with which, and no others, the model answers as it should.

    Libraries import what they find installed and can do without, so what was loaded says too
    much. What the pickle and the user's files name says too little where a library imports
    late: whatever turns out to be missing is added. Where a library carries on without an optional
    need of its own and fails later (LightGBM without scikit-learn), those that it had loaded are
    tried.
    """
    wanted = {loader, *first.modules} | imported_by(task.their_modules())
    optional: list[str] | None = None
    while True:
        distributions = distributions_of(wanted, config.image.requirements)
        try:
            require_same(replay(task, target, absent_modules(distributions)))
        except MldeployError:
            if optional is None:
                optional = optional_modules(distributions, first.loaded)
            if not optional:
                raise
            wanted.add(optional.pop(0))
        except MissingModuleError as error:
            if error.module in wanted:
                raise MldeployError(
                    "MLD220",
                    f"the model needs the module {error.module}, which can't be in the image",
                    "use another package, or what it does in a module of your own",
                ) from error
            wanted.add(error.module)
        else:
            return distributions


def _installable(config: Config, target: Path, facts: dict[str, Any], emit: Emit) -> None:
    lines = (target / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    python = ".".join(facts["versions"]["python"].split(".")[:2])
    ca_bundle = config.image.ca_bundle
    warning = check_installable(
        lines,
        Target(python, config.architecture),
        index_url=config.image.index_url,
        ca_bundle=Path(ca_bundle) if ca_bundle else None,
    )
    if warning:
        emit(Note(warning, "warning"))


def _write_facts(target: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, indent=2, sort_keys=True, allow_nan=False) + "\n"
    (target / FACTS).write_text(text, encoding="utf-8")


def _provenance(root: Path) -> dict[str, Any]:
    """Return when and from which commit; it stands beside the model and isn't part of it."""
    commit = _git(root, "rev-parse", "HEAD")
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": commit or None,
        "git_dirty": bool(commit and _git(root, "status", "--porcelain")),
        "mldeploy": __version__,
    }


def _git(root: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [git, "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _swap(new: Path, place: Path) -> None:
    """Put the new bundle in the old one's place; a crash leaves one of the two whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    staged = place.with_name(f".{place.name}.new")
    old = place.with_name(f".{place.name}.old")
    for path in (staged, old):
        shutil.rmtree(path, ignore_errors=True)
    try:
        shutil.copytree(new, staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)  # a full disk needs the room
        raise
    if place.exists():
        place.rename(old)
    staged.rename(place)
    shutil.rmtree(old, ignore_errors=True)
