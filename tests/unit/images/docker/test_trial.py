"""The image's check in a container."""

import json
from dataclasses import replace

import pytest
from requests.exceptions import ConnectionError as Broken

from mldeploy.errors import MldeployError
from mldeploy.events import Event, Note
from mldeploy.images.making import with_docker
from mldeploy.images.trials import Trial
from mldeploy.text.digests import fingerprint
from tests.support.engine_api import (
    BASE,
    SPEC,
    FakeApi,
    api_error,
    build_fails,
    nothing,
)

BROKEN = Broken("Remote end closed connection without response")


def test_the_check_runs_as_lambda_would_run_it() -> None:
    """Read-only, /tmp alone, no network, no root, the function's memory and no swap."""
    api = FakeApi()
    with_docker(api).builder.build(SPEC, nothing)
    (given,) = api.named("create_container")
    host = given["host_config"]
    assert host["read_only"] is True
    writable = [path for path, options in host["tmpfs"].items() if options.startswith("rw")]
    assert writable == ["/tmp"]  # noqa: S108 - inside the container
    assert host["tmpfs"]["/dev/shm"].startswith("ro")  # noqa: S108 - inside the container
    assert (host["network_mode"], host["cap_drop"]) == ("none", ["ALL"])
    assert (host["security_opt"], host["pids_limit"]) == (["no-new-privileges"], 1024)
    assert host["mem_limit"] == host["memswap_limit"] == "512m"
    assert given["user"] not in {"", "0", "root"}


def test_each_function_has_a_trial_of_its_own() -> None:
    """Its memory, its /tmp, its variables, and its handler's name where that is the user's."""
    mine = Trial("mine:handle", 128, 600, (("LEVEL", "info"), ("AWS_REGION", "mine")))
    api = FakeApi()
    with_docker(api).builder.build(replace(SPEC, trials=(Trial(), mine), network=True), nothing)
    model, own = api.named("create_container")
    assert "MLDEPLOY_HANDLER" not in model["environment"]
    assert model["host_config"]["mem_limit"] == "1024m"
    assert own["host_config"]["mem_limit"] == "128m"
    assert "size=600m" in own["host_config"]["tmpfs"]["/tmp"]  # noqa: S108 - in the container
    assert own["host_config"]["network_mode"] == "bridge"
    assert own["environment"] == {
        "LEVEL": "info",
        "MLDEPLOY_HANDLER": "mine:handle",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "mldeploy-check",
        "AWS_REGION": "us-east-1",
        "LAMBDA_TASK_ROOT": "/var/task",
    }
    assert len(api.named("remove_container")) == 2


def test_a_handler_that_fails_is_named_without_its_secrets() -> None:
    """The message says whose check it was; a variable's value is taken out of the log."""
    mine = Trial("mine:handle", environment=(("TOKEN", "canary-token"), ("LEVEL", "1")))
    api = FakeApi()
    api.code = 1
    api.log = b'canary-token 1\n[{"problems": ["canary-token is no number", "and 2"]}]\n'
    error = build_fails(api, replace(SPEC, trials=(mine,)))
    assert "of mine:handle (exit 1): (a value) is no number" in error.message
    assert "canary" not in f"{error.message}{error.details}"
    assert "golden file" in error.hint


@pytest.mark.parametrize("call", ["create_container", "start", "wait", "logs"])
@pytest.mark.parametrize("kind", ["interrupt", "refusal"])
def test_the_check_s_container_is_removed(call: str, kind: str) -> None:
    """Whatever was interrupted, also before the engine told the container's id."""
    error = KeyboardInterrupt() if kind == "interrupt" else api_error("x")
    api = FakeApi(**{call: error})
    with pytest.raises(KeyboardInterrupt if kind == "interrupt" else MldeployError):
        with_docker(api).builder.build(SPEC, nothing)
    (given,) = api.named("create_container")
    assert api.named("remove_container") == [given["name"]]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BROKEN])
def test_a_container_that_cannot_be_removed_hides_no_failure(error: BaseException) -> None:
    """An engine that dies in the check refuses the removal too: what came first is told."""
    api = FakeApi(wait=error, remove_container=Broken(ConnectionRefusedError(111, "refused")))
    with pytest.raises(KeyboardInterrupt if error is not BROKEN else MldeployError) as raised:
        with_docker(api).builder.build(SPEC, nothing)
    assert error is not BROKEN or "connection to the Docker engine broke" in str(raised.value)


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_killed_check_left_is_removed_by_a_later_one(*, refused: bool) -> None:
    """By its label and its age; a check that may still run stays, and so does the build."""

    class Removing(FakeApi):
        def remove_container(self, name: str, *, force: bool, v: bool) -> None:
            super().remove_container(name, force=force, v=v)
            if refused and name == "left":
                raise api_error("removal of container left is already in progress")

    api = Removing()
    api.around = [
        {"Id": "mine", "Created": 10_000},
        {"Id": "another's", "Created": 9_000},
        {"Id": "left", "Created": 6_000},
    ]
    with_docker(api).builder.build(SPEC, nothing)
    (given,) = api.named("create_container")
    assert api.named("containers") == [{"label": list(given["labels"])}]
    assert api.named("remove_container") == ["left", given["name"]]


CHECKS = [
    (1, json.dumps({"problems": ["row 2 differs"]}), "row 2 differs", "mldeploy train"),
    (1, "ModuleNotFoundError: No module named 'features'", "features", 'include = ["features.py"]'),
    (1, "No module named 'lib.deep.er'", "lib", 'requirements = ["lib"]'),
    (1, "ModuleNotFoundError: No module named 'lib.tests'", "lib.tests", "prune = false"),
    (1, "No module named 'lib.test.helpers'", "lib.test", "prune = false"),
    (1, "No such file or directory: '/var/task/lib/a.pyi'", "a.pyi", "prune = false"),
    (1, "No such file or directory: '/var/task/lib/tests/a.csv'", "a.csv", "prune = false"),
    (1, "OSError: [Errno 30] Read-only file system: '/home/x'", "Read-only", "/tmp"),  # noqa: S108
    (1, "PermissionError: [Errno 13] Permission denied: '/root'", "denied", "write to /tmp"),
    (1, "FileNotFoundError: No such file or directory: '/home/x'", "No such", "write to /tmp"),
    (1, "FileNotFoundError: No such file or directory: '/opt/x'", "No such", "mldeploy train"),
    (1, "Error: No such file or directory: '/var/task/a.csv'", "a.csv", "add /var/task/a.csv to"),
    (1, "Error: No such file or directory: 'a.csv'", "a.csv", "[image] include"),
    (1, "OSError: [Errno 28] No space left on device", "No space", "ephemeral_storage"),
    (1, "OSError: [Errno 101] Network is unreachable", "Network", "network = true"),
    (1, "gaierror: Temporary failure in name resolution", "Temporary", "network = true"),
    (3, "", "no response", "mldeploy train"),
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
    spec = replace(spec, trials=(Trial(), Trial("mine:handle")))
    with_docker(api).builder.build(spec, events.append)
    notes = [event for event in events if isinstance(event, Note)]
    assert [note.level for note in notes] == ["warning"]
    assert len(api.named("remove_container")) == 1
