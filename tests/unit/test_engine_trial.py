"""The image's check in a container."""

import json
from dataclasses import replace

import pytest

from mldeploy.engine import DockerBuilder
from mldeploy.errors import MldeployError
from mldeploy.events import Event, Note
from mldeploy.fingerprint import fingerprint
from tests.unit.engine_api import (
    BASE,
    SPEC,
    FakeApi,
    api_error,
    build_fails,
    nothing,
)


def test_the_check_runs_as_lambda_would_run_it() -> None:
    """Read-only, /tmp alone, no network, no root, the function's memory and no swap."""
    api = FakeApi()
    DockerBuilder(api).build(SPEC, nothing)
    (given,) = api.named("create_container")
    host = given["host_config"]
    assert host["read_only"] is True
    writable = [path for path, options in host["tmpfs"].items() if options.startswith("rw")]
    assert writable == ["/tmp"]  # noqa: S108 - inside the container
    assert host["tmpfs"]["/dev/shm"].startswith("ro")  # noqa: S108 - inside the container
    assert (host["network_mode"], host["cap_drop"]) == ("none", ["ALL"])
    assert host["mem_limit"] == host["memswap_limit"] == "512m"
    assert given["user"] not in {"", "0", "root"}


@pytest.mark.parametrize("call", ["create_container", "start", "wait", "logs"])
@pytest.mark.parametrize("kind", ["interrupt", "refusal"])
def test_the_check_s_container_is_removed(call: str, kind: str) -> None:
    """Whatever was interrupted, also before the engine told the container's id."""
    error = KeyboardInterrupt() if kind == "interrupt" else api_error("x")
    api = FakeApi(**{call: error})
    with pytest.raises(KeyboardInterrupt if kind == "interrupt" else MldeployError):
        DockerBuilder(api).build(SPEC, nothing)
    (given,) = api.named("create_container")
    assert api.named("remove_container") == [given["name"]]


CHECKS = [
    (1, json.dumps({"problems": ["row 2 differs"]}), "row 2 differs", "mldeploy train"),
    (1, "ModuleNotFoundError: No module named 'features'", "features", 'include = ["features.py"]'),
    (1, "No module named 'lib.deep.er'", "lib", 'requirements = ["lib"]'),
    (1, "OSError: [Errno 30] Read-only file system: '/home/x'", "Read-only", "/tmp"),  # noqa: S108
    (1, "PermissionError: [Errno 13] Permission denied: '/root'", "denied", "write there"),
    (3, "", "no answer", "mldeploy train"),
]


@pytest.mark.parametrize(("code", "log", "says", "advice"), CHECKS)
def test_an_image_that_fails_its_check_is_refused(
    code: int, log: str, says: str, advice: str
) -> None:
    """MLD305 with the first problem and what to do."""
    api = FakeApi()
    api.code, api.log = code, f"a line\n{log}\n".encode() if log else b""
    error = build_fails(api)
    assert error.code == "MLD305"
    assert says in error.message
    assert advice in error.hint


def test_an_image_that_needs_more_memory_is_told_so() -> None:
    """The kernel's kill has a name, and the limit was the function's own."""
    api = FakeApi()
    api.code, api.log, api.starved = 137, b"", True
    error = build_fails(api)
    assert "more than 512 MB" in error.message
    assert "memory" in error.hint


@pytest.mark.parametrize("way", ["log", "start"])
def test_a_foreign_image_is_only_warned_of(way: str) -> None:
    """Docker says it in the container's log, Podman in its answer."""
    text = "exec /usr/bin/python: exec format error"
    api = FakeApi(**({"start": api_error(text)} if way == "start" else {}))
    api.facts["Architecture"] = "arm64"
    api.code, api.log = 1, f"{text}\n".encode()
    spec = replace(
        SPEC,
        platform="linux/arm64",
        fingerprint=fingerprint({}, base=BASE, platform="linux/arm64"),
    )
    events = list[Event]()
    DockerBuilder(api).build(spec, events.append)
    notes = [event for event in events if isinstance(event, Note)]
    assert [note.level for note in notes] == ["warning"]
    assert len(api.named("remove_container")) == 1
