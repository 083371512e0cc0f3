"""Verifies an image in a container with Lambda's limits."""

import io
import json
import secrets
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from mldeploy.config.task import TASK
from mldeploy.images.builder import Built, Outcome
from mldeploy.images.judging import problems_in
from mldeploy.images.trials import Trial, variables

_SECONDS = 120
_PROCESSES = 1024
PASSING = {"mldeploy.passing": "1"}
"""The label of containers that their command removes when it is done."""
_LONG_AGO = 3600
"""Seconds: no such container runs this long."""
_PLACE, _EVENTS = "/mldeploy", "events.json"
"""A volume of the check's container, because the container's root is read-only for the engine too.
"""


def try_out(api: Any, built: Built, trial: Trial, *, seconds: float = _SECONDS) -> Outcome:
    """Run the image's own check of a handler.

    With a read-only root, /tmp and memory of the function's size, not as root, without network
    unless configured (Lambda developer guide, "Lambda execution environment").
    """
    late = threading.Event()
    with _container(api, built, trial) as name:

        def stop() -> None:
            late.set()
            with suppress(Exception):  # it has just ended by itself
                api.kill(name)

        timer = threading.Timer(seconds, stop)
        try:
            refused = _start(api, name)
            if refused:
                return Outcome(1, refused, trial=trial)
            timer.start()
            code = int(api.wait(name)["StatusCode"])
            output = api.logs(name).decode("utf-8", "replace")
            starved = bool(api.inspect_container(name)["State"].get("OOMKilled"))
        finally:
            timer.cancel()
    killed = "time" if late.is_set() else "memory" if starved else ""
    return replace(problems_in(code, output, trial), killed=killed)


def _start(api: Any, name: str) -> str:
    """Start the container; return the reason if the machine can't run its architecture.

    Docker reports that in the container's log, Podman in its response to `start`.
    """
    from docker.errors import APIError

    try:
        api.start(name)
    except APIError as error:
        if "exec format error" not in str(error).lower():
            raise
        return "exec format error"
    return ""


@contextmanager
def _container(api: Any, built: Built, trial: Trial) -> Iterator[str]:
    """Create the container and always remove it, even on Ctrl-C.

    It has a name, so that it can be removed before the engine has returned its id.
    """
    name = f"mldeploy-check-{secrets.token_hex(6)}"
    with passing(api, name):
        api.create_container(
            built.image_id,
            name=name,
            entrypoint=["python", "-m", "endpoint.check", f"{_PLACE}/{_EVENTS}"],
            volumes=[_PLACE],
            user="993:990",
            working_dir=TASK,
            host_config=api.create_host_config(**_rules(built, trial)),
            environment=variables(trial),
            labels=PASSING,
        )
        api.put_archive(name, _PLACE, _archive(trial))
        remove_left(api)
        yield name


def _archive(trial: Trial) -> bytes:
    """Return a tar of the requests, readable for the image's user."""
    content, text = io.BytesIO(), json.dumps(list(trial.golden.events())).encode()
    with tarfile.open(fileobj=content, mode="w") as tar:
        member = tarfile.TarInfo(_EVENTS)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    return content.getvalue()


def _rules(built: Built, trial: Trial) -> dict[str, Any]:
    rules = lambda_rules(trial.memory, trial.ephemeral_storage)
    return {**rules, "network_mode": "bridge"} if built.spec.network else rules


def lambda_rules(memory: int, ephemeral_storage: int) -> dict[str, Any]:
    """Return a container's settings according to Lambda's limits.

    Read-only root, /tmp and memory in MB, no network, no capabilities (Lambda developer guide,
    "Lambda execution environment"); processes and threads by "Lambda quotas", which also protects
    this machine from a runaway model.
    """
    limit = f"{memory}m"
    return {
        "read_only": True,
        "tmpfs": {
            "/tmp": f"rw,size={ephemeral_storage}m,mode=1777",  # noqa: S108 - in the container
            # Lambda has no shared memory, so semaphores must fail here, too.
            "/dev/shm": "ro,size=64k",  # noqa: S108 - in the container
        },
        "network_mode": "none",
        "mem_limit": limit,
        "memswap_limit": limit,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": _PROCESSES,
    }


@contextmanager
def passing(api: Any, name: str) -> Iterator[None]:
    """Remove a container at the end; an error of the work takes precedence over one of this.

    If the engine dies, `remove_left` removes the container later.
    """
    try:
        yield
    except BaseException:
        with suppress(Exception):
            remove(api, name)
        raise
    remove(api, name)


def remove_left(api: Any, age: float = _LONG_AGO) -> None:
    """Remove containers whose command or engine was killed.

    These are containers that are older than the caller's own by at least `age`.

    Args:
        api: docker-py's low-level client.
        age: seconds.
    """
    from docker.errors import APIError

    found = api.containers(all=True, filters={"label": list(PASSING)})
    newest = max((one["Created"] for one in found), default=0)
    for one in found:
        if newest - one["Created"] > age:
            with suppress(APIError):  # it is being removed elsewhere
                remove(api, one["Id"])


def remove(api: Any, name: str) -> None:
    """Remove a container; it may not exist."""
    from docker.errors import NotFound

    with suppress(NotFound):
        api.remove_container(name, force=True, v=True)  # with its volume
