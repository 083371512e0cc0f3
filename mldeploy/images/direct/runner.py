"""Runs an image's files in a process on this machine."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from mldeploy.config.requirement import bare
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.images.builder import Built, Outcome
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.direct.interpreter import Interpreter, interpreter_of
from mldeploy.images.direct.made import Made
from mldeploy.images.direct.requirements import content_of
from mldeploy.images.dockerfile import variables_in
from mldeploy.images.installed import unlike
from mldeploy.images.judging import problems_in
from mldeploy.images.layout import DOCKERFILE, REQUIREMENTS
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial, variables

_SECONDS = 120
_INSTEAD = "the packages of this environment, which have the image's versions"
_OF_THE_BASE = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
"""Packages in AWS's base image (developer guide, "Runtime-included libraries")."""


class StagedRunner:
    """Runs images' files in a clean process, without Lambda's limits.

    Args:
        made: returns a built image by its id.
    """

    def __init__(self, made: Callable[[str], Made]) -> None:
        self._made = made

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        """Send a function's golden examples to an image's files.

        With the requirements that were installed for the image. If they were taken over from an
        earlier one, with the same versions of this environment: unpacking takes longer than the
        check itself, and is left for an environment with others.
        """
        made, python = self._made(built.image_id), interpreter_of(built.spec.python)
        if python is None:
            return Outcome(0, "", unchecked=f"Python {built.spec.python} isn't installed")
        loads, differs = python.runs(built.architecture), _other_versions(built.spec, python)
        own = loads and (made.requirements.is_dir() or (bool(differs) and made.unpack()))
        if differs and not own:
            return Outcome(0, "", unchecked=differs)
        with tempfile.TemporaryDirectory() as folder:
            path, options = [made.task], list[str]()
            if own:
                above = _of_the_base(Path(folder) / "base")
                path, options = [made.task, made.requirements, above], ["-S"]
            command = [python.program, *options, "-s", "-B", "-m", "endpoint.check"]
            image = dict(variables_in(content_of(built.spec, DOCKERFILE).decode()))
            outcome = _tried(command, path, {**image, **variables(trial)}, trial, Path(folder))
        return outcome if own else replace(outcome, instead=_INSTEAD)

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        """Refuse to measure, because a process on this machine has other files and limits.

        Raises:
            MldeployError: MLD301.
        """
        del wanted, runs, emit
        raise MldeployError(
            "MLD301",
            "measuring a cold start requires a container, and so a Docker engine",
            "start Docker, or measure on AWS: `mldeploy cold-start` on a deployed function",
        )


def _tried(
    command: list[str],
    path: list[Path],
    variables: Mapping[str, str],
    trial: Trial,
    folder: Path,
) -> Outcome:
    """Run a check; the first folder of the path represents /var/task."""
    events = folder / "events.json"
    events.write_text(json.dumps(list(trial.golden.events())), encoding="utf-8")
    environment = {
        **variables,
        "PATH": os.defpath,
        "HOME": str(folder),
        "LAMBDA_TASK_ROOT": str(path[0]),
        "LD_LIBRARY_PATH": ":".join(str(one / "lib") for one in path),
        "PYTHONPATH": ":".join(map(str, path)),
    }
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter of the user's
            [*command, str(events)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
        return replace(problems_in(1, text, trial), killed="time")
    return problems_in(done.returncode, done.stdout, trial)


def _of_the_base(folder: Path) -> Path:
    """Return a folder with the base image's packages, as links to this environment's."""
    folder.mkdir()
    for name in _OF_THE_BASE:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        for top in {file.parts[0] for file in files if ".." not in file.parts}:
            place = Path(str(distribution(name).locate_file(top)))
            if place.exists() and not (folder / top).exists() and top != "__pycache__":
                (folder / top).symlink_to(place)
    return folder


def _other_versions(spec: ImageSpec, python: Interpreter) -> str:
    """Return the first difference between this environment and the image, or ""."""
    if python.program != sys.executable:
        return f"mldeploy runs on another Python than {spec.python}"
    lines = map(bare, content_of(spec, REQUIREMENTS).decode().splitlines())
    return next(unlike(line for line in lines if "==" in line), "")
