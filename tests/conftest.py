"""Fixtures for all tests, and `--part 2/20`."""

import os
from collections.abc import Iterator

import pytest

from tests.strict.aws import StrictAws, strict_aws
from tests.support.account import credentials, isolated
from tests.support.commands import REACH, Reach
from tests.support.parts import is_kept
from tests.support.shared import SHARED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which CI spreads its longest suites over several commits."""
    parser.addoption(
        "--part", metavar="N/M", help="run a part of the tests: see tests/support/parts.py"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the part."""
    part = config.getoption("--part")
    if not part:
        return
    kept = {one for one in items if is_kept(one.nodeid, part)}
    config.hook.pytest_deselected(items=[one for one in items if one not in kept])
    items[:] = [one for one in items if one in kept]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor write the cache or the state of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))
        here = tmp_path_factory.getbasetemp()
        patch.setenv(SHARED, str(here.parent if "PYTEST_XDIST_WORKER" in os.environ else here))
        yield


@pytest.fixture
def reach() -> Iterator[Reach]:
    """What a test lets commands reach in place of the clock, the network, Docker and AWS."""
    with REACH.within():
        yield REACH


@pytest.fixture
def aws(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StrictAws]:
    """An empty AWS account that is as strict as the real one."""
    isolated(monkeypatch, tmp_path_factory.getbasetemp())
    credentials(monkeypatch)
    # What this machine has pushed and seen, it has pushed to this account and seen there.
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp("home")))
    with strict_aws() as account:
        yield account
