"""Wheels for the image are asked for while the model is fitted: a missing one ends the fit."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from sys import version_info

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.model.needs.installable import Target, check_installable
from mldeploy.model.needs.requirements import distributions_of, pinned
from mldeploy.model.needs.sources import require_from_index


class Wheels:
    """Asks whether the image can install a list of requirements, each list once.

    Args:
        config: of the project.
        emit: gets a warning where the package index can't be asked.
    """

    def __init__(self, config: Config, emit: Emit) -> None:
        self._config = config
        self._emit = emit
        self._asked: dict[tuple[str, ...], Future[str]] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="wheels")

    def begin(self, modules: Iterable[str], stop: Callable[[], None]) -> None:
        """Begin to ask for what modules need; call `stop` where the image can't install it."""
        requirements = self._config.image.requirements
        distributions = distributions_of(modules, requirements, self._config.root)
        require_from_index(distributions, requirements)
        lines = pinned(distributions, requirements)

        def done(future: Future[str]) -> None:
            if isinstance(future.exception(), MldeployError):
                stop()

        self._ask(tuple(lines)).add_done_callback(done)

    def failure(self) -> BaseException | None:
        """Return why the image can't install what was asked for, if that is known by now."""
        done = (one.exception() for one in self._asked.values() if one.done())
        return next((error for error in done if error), None)

    def require(self, lines: Iterable[str]) -> None:
        """Wait for the answer on these requirements.

        Raises:
            MldeployError: MLD230.
        """
        warning = self._ask(tuple(lines)).result()
        if warning:
            self._emit(Note(warning, "warning"))

    def _ask(self, lines: tuple[str, ...]) -> "Future[str]":
        if lines not in self._asked:
            self._asked[lines] = self._threads.submit(self._answer, lines)
        return self._asked[lines]

    def _answer(self, lines: tuple[str, ...]) -> str:
        ca_bundle = self._config.image.ca_bundle
        return check_installable(
            lines,
            Target(f"{version_info.major}.{version_info.minor}", self._config.architecture),
            index_url=self._config.image.index_url,
            ca_bundle=Path(ca_bundle) if ca_bundle else None,
        )
