"""From a fitted model to a bundle, however it was fitted: the proofs, and one step at the end."""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from mldeploy import __version__
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.files.scratch import Scratch
from mldeploy.files.whole import swap
from mldeploy.model.bundle import BASE, FACTS, REQUIREMENTS, Bundle, load_bundle
from mldeploy.model.compiled.serving import COMPILATION, not_compiled
from mldeploy.model.fitted import keep
from mldeploy.model.forms import COMPILED, served, without_compiled
from mldeploy.model.measures.metrics import require
from mldeploy.model.measures.usefulness import require_useful
from mldeploy.model.needs.wheels import Wheels
from mldeploy.model.proof.judging import Proved
from mldeploy.model.proof.proving import prove
from mldeploy.model.proof.truth import Truth
from mldeploy.model.record import write_facts, write_lock
from mldeploy.model.steps import step


@dataclass(frozen=True)
class Terms:
    """The user's requirements of a model.

    Attributes:
        thresholds: by metric; at least for a score, at most for an error.
        allow_useless: whether a model no better than the baseline only causes a warning.
        trusted: whether the project's code may run. If not, its files can't be imported in the
            proof.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    allow_useless: bool = True
    trusted: bool = True


def make_bundle(
    config: Config,
    make: Callable[[Path, Path, Wheels], dict[str, Any]],
    emit: Emit,
    terms: Terms,
) -> Bundle:
    """Create a model, verify it in a clean process, and write the bundle atomically.

    An existing bundle is replaced only after all checks. If a check after the fit fails, the fitted
    model is kept next to the bundle.

    Args:
        config: of the project.
        make: receives a scratch folder, the bundle's folder, and the check of wheels; writes the
            model to the bundle's folder and returns its facts, with "truth", "modules", "loaded",
            "dtypes".
        emit: receives the steps, and a warning if the package index is unreachable.
        terms: the user's requirements.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """
    _require_python(config)
    _require_place(config.bundle)
    with Scratch() as scratch:
        wheels = Wheels(config, emit)
        target = scratch / "bundle"
        target.mkdir()
        try:
            facts = make(scratch, target, wheels)
            require(facts["metrics"], terms.thresholds)
            require_useful(facts, emit, allow=terms.allow_useless)
            _prove(config, target, facts, emit, trusted=terms.trusted)
            facts |= _locked(config, target, facts, wheels, emit)
            provenance = _provenance(config.root, trusted=terms.trusted)
            write_facts(target, {**facts, "provenance": provenance})
        except BaseException as error:
            if keep(scratch / FITTED, kept_at(config)) and isinstance(error, MldeployError):
                kept = ("kept", "the fitted model; `mldeploy train --resume` continues with it")
                error.details = (*error.details, kept)
            raise
        finally:
            wheels.close()
        swap(target, config.bundle)
        shutil.rmtree(kept_at(config), ignore_errors=True)
    return load_bundle(config.bundle)


FITTED = "fitted"
"""The subfolder of the scratch folder for a child's fitted model."""


def kept_at(config: Config) -> Path:
    """Return the path of a fitted model whose bundle couldn't be finished."""
    return config.bundle.with_name(f".{config.bundle.name}.fitted")


def _prove(
    config: Config, target: Path, facts: dict[str, Any], emit: Emit, *, trusted: bool
) -> None:
    """Verify the endpoint against the estimator, and add the results to `facts`."""
    truth = Truth(**facts.pop("truth"))
    step(
        emit,
        "compare the endpoint with the estimator",
        lambda: _proved(config, target, facts, truth, emit, trusted=trusted),
        str,
    )
    facts["publish"] = config.publish
    _warn_of_unknown(config, facts, emit)
    if facts["example"] is None:
        text = f"there is no example of a request: {facts['no_example']}; `example` in train.py"
        emit(Note(f"{text} names one", "warning"))


def _proved(  # noqa: PLR0913 - as `prove`
    config: Config,
    target: Path,
    facts: dict[str, Any],
    truth: Truth,
    emit: Emit,
    *,
    trusted: bool,
) -> Proved:
    """Verify the endpoint with the compiled form; if that fails, with the fitted estimator."""
    if served(facts)["framework"] != COMPILED.name:
        return prove(config, target, facts, truth, trusted=trusted)
    attempt = copy.deepcopy(facts)
    try:
        found = prove(config, target, attempt, truth, trusted=trusted)
    except MldeployError as error:
        if config.training.compile == "require":
            raise not_compiled(error.message) from error
        emit(Note(f"not compiled: {error.message}"))
        facts |= {"model": without_compiled(facts["model"]), COMPILATION: {"reason": error.message}}
        (target / COMPILED.file).unlink()
        return prove(config, target, facts, truth, trusted=trusted)
    facts.clear()
    facts.update(attempt)
    return found


def _warn_of_unknown(config: Config, facts: dict[str, Any], emit: Emit) -> None:
    """Warn about columns in [publish] that a project's only model doesn't have."""
    names = config.publish if isinstance(config.publish, tuple) and not config.models else ()
    known = {one["name"] for one in facts["signature"]["features"]}
    for name in sorted({*names} - known):
        text = f"[publish] categories names {name!r}, which isn't a column of the model"
        emit(Note(text, "warning"))


def _locked(
    config: Config, target: Path, facts: dict[str, Any], wheels: Wheels, emit: Emit
) -> dict[str, Any]:
    """Lock the proven requirements to Lambda's wheels; return the record of the base image."""
    lines = (target / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    hashes = step(emit, "check wheels for Lambda", partial(wheels.require, lines))
    write_lock(target, facts, lines, hashes)
    return _base(config, emit) if hashes else {}  # no image is built without them


def _base(config: Config, emit: Emit) -> dict[str, Any]:
    """Return the record of the base image, if there is one."""
    from mldeploy.model.base_image import base_of, record_base

    found = record_base(base_of(config, f"{sys.version_info.major}.{sys.version_info.minor}"), emit)
    return {BASE: found} if found else {}


def _require_python(config: Config) -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if config.python and config.python != running:
        raise MldeployError(
            "MLD204",
            f"{config.file.name} requires Python {config.python}, but this is Python {running}",
            f"run mldeploy with Python {config.python}, or change [project] python, because the "
            "image uses the Python that trained the model",
        )


def _require_place(place: Path) -> None:
    """Refuse to put the bundle in place of something else."""
    if place.exists() and not (place / FACTS).is_file() and (
        not place.is_dir() or any(place.iterdir())
    ):  # fmt: skip
        raise MldeployError(
            "MLD206",
            f"{place} exists and isn't a model bundle",
            "move it to another place, because `mldeploy train` writes its bundle to "
            f"{place.name}/",
        )


def _provenance(root: Path, *, trusted: bool) -> dict[str, Any]:
    """Return the time and the commit, which aren't part of the model itself.

    Uncommitted changes are checked only for trusted projects, because git may run filters from the
    repository's configuration.
    """
    commit = _git(root, "rev-parse", "HEAD")
    changed = bool(_git(root, "status", "--porcelain")) if commit and trusted else None
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": commit or None,
        "git_dirty": changed if commit else False,
        "mldeploy": __version__,
    }


_NO_CODE = (
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
)
"""A repository's configuration may name programs; see gitsecurity and git-config(1)."""


def _git(root: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [git, "-C", str(root), *_NO_CODE, *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
