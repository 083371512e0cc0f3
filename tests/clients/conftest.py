"""The models behind `mldeploy serve`, and what every client answered."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NoReturn

import pytest

from tests.clients import judging, running
from tests.clients.catalogue import CLIENTS, Script
from tests.clients.decisions import Cell, cells
from tests.clients.models import MODELS
from tests.clients.serving_all import all_served
from tests.clients.table import rendered

Ask = Callable[[Script], running.Answers]
PROBLEMS = pytest.StashKey[dict[Cell, str | None]]()


def unavailable(reason: object) -> NoReturn:
    """Skip the test, or fail it where the real components are required."""
    if os.environ.get("MLDEPLOY_REQUIRE_ENGINE") == "1":
        pytest.fail(f"MLDEPLOY_REQUIRE_ENGINE=1, but {reason}", pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve all models; the addresses by their names."""
    with all_served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="session")
def ask(urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Give what runs a script on all models, only once."""
    job = {"models": {one.name: one.job(urls[one.name]) for one in MODELS}}

    @cache
    def asked(file: str) -> running.Answers:
        script = next(one for one in CLIENTS.values() if one.file == file)
        if reason := running.why_not(script):
            unavailable(reason)
        return running.answers(script, job, tmp_path_factory.mktemp("script") / file)

    return lambda script: asked(script.file)


@pytest.fixture(scope="session")
def verdict(ask: Ask, request: pytest.FixtureRequest) -> Callable[[str, str], str | None]:
    """Give what is wrong with a client's answer of a model, or None."""
    found = request.config.stash.setdefault(PROBLEMS, {})
    models = {one.name: one for one in MODELS}

    def judged(client: str, model: str) -> str | None:
        script = CLIENTS[client]
        answer = ask(script)[client][model]
        proba = script.clients[client]
        problem = judging.problem(answer, models[model], proba=proba)
        found[client, model] = problem
        return problem

    return judged


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table of what ran."""
    found = config.stash.get(PROBLEMS, {})
    if found:
        terminalreporter.section("which client gets what the estimator says")
        terminalreporter.write_line(rendered(found, cells()))
