"""Checks the image's wheels while the model is fitted; a missing one stops the fit.

The image may install only wheels with these hashes.
"""

import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from sys import version_info
from threading import Lock

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.model.needs.installable import (
    Completed,
    Index,
    Installable,
    Target,
    check_installable,
)
from mldeploy.model.needs.requirements import distributions_of, pinned
from mldeploy.model.needs.sources import require_from_index

Lines = tuple[str, ...]
Hashes = dict[str, dict[str, str]]
"""By architecture, of each distribution's wheel by its normalised name: SHA-256."""
_NO_HASHES = "no image can be built of the model until it is trained again"


class Wheels:
    """Checks whether the image can install requirements, once per list.

    Args:
        config: of the project.
        emit: receives a warning if the package index is unreachable.
        check: checks a list.
    """

    def __init__(
        self, config: Config, emit: Emit, check: Callable[..., Installable] = check_installable
    ) -> None:
        self._check = check
        self._config = config
        self._emit = emit
        self._first: Future[dict[str, Installable]] | None = None
        self._answers: dict[tuple[Lines, str], Installable] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="wheels")
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def begin(self, modules: Iterable[str], stop: Callable[[], None]) -> None:
        """Start to check modules' requirements; call `stop` if the image can't install them."""
        wanted = tuple(modules)

        def done(future: Future[dict[str, Installable]]) -> None:
            if isinstance(future.exception(), MldeployError):
                stop()

        self._first = self._threads.submit(lambda: self._answer(self._lines(wanted)))
        self._first.add_done_callback(done)

    def failure(self) -> BaseException | None:
        """Return why the image can't install the first list, if that is already known."""
        return self._first.exception() if self._first and self._first.done() else None

    def require(self, lines: Iterable[str]) -> Hashes:
        """Wait for the check of these requirements, and return their wheels' hashes.

        Raises:
            MldeployError: MLD230, MLD329.
        """
        wanted = tuple(lines)
        answers = self._threads.submit(lambda: self._answer(wanted)).result()
        for warning in dict.fromkeys(one.warning for one in answers.values() if one.warning):
            self._emit(Note(f"{warning}; {_NO_HASHES}", "warning"))
        return {name: one.hashes for name, one in answers.items() if one.hashes}

    def close(self) -> None:
        """End running checks."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        self._threads.shutdown(cancel_futures=True)

    def _lines(self, modules: Iterable[str]) -> Lines:
        requirements = self._config.image.requirements
        distributions = distributions_of(modules, requirements, self._config.root)
        require_from_index(distributions, requirements)
        return pinned(distributions, requirements)

    def _answer(self, lines: Lines) -> dict[str, Installable]:
        """Return the results for all architectures of the file's stages."""
        image = self._config.image
        ca_bundle = Path(image.ca_bundle) if image.ca_bundle else None
        index = Index(image.index_url, image.insecure_index, ca_bundle)
        python = f"{version_info.major}.{version_info.minor}"
        for architecture in self._config.all_architectures:
            if (lines, architecture) not in self._answers:
                self._answers[lines, architecture] = self._check(
                    lines, Target(python, architecture), index, run=self._run
                )
        return {one: self._answers[lines, one] for one in self._config.all_architectures}

    def _run(self, command: list[str], environ: dict[str, str]) -> Completed:
        with self._lock:
            if self._closed:
                return subprocess.CompletedProcess(command, 1, "", "it was ended")
            process = self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environ,
            )
        out, err = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out, err)
