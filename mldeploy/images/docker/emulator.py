"""Runs an image with the runtime interface emulator of AWS's base images."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import ONE_PROCESSOR
from mldeploy.images.docker.trial import PASSING, lambda_rules, passing
from mldeploy.images.trials import Trial, command_of, variables

_PORT = "8080/tcp"
_PATH = "/2015-03-31/functions/function/invocations"
"""The emulator's path for events."""
_PAUSE = 0.005
_STARTS = 60.0
"""Seconds for a start; Lambda's own limit is shorter."""


def first_reply(api: Any, name: str, payload: bytes) -> bytes:
    """Send an event to a starting container, retrying until it listens.

    Raises:
        MldeployError: MLD352 if it never does.
    """
    deadline = time.monotonic() + _STARTS
    address = address_of(api, name)
    while time.monotonic() < deadline:
        reply = _sent(address, payload, _STARTS)
        if reply is not None:
            return reply
        time.sleep(_PAUSE)  # the port isn't open yet
    raise no_answer(api.logs(name), f"no process listens after {_STARTS:g} s")


def _sent(address: str, payload: bytes, seconds: float) -> bytes | None:
    """Return the response to an event, or None without one."""
    import urllib3

    try:
        return bytes(
            urllib3.request(
                "POST", address, body=payload, timeout=seconds, retries=False, preload_content=True
            ).data
        )
    except urllib3.exceptions.HTTPError:
        return None


def address_of(api: Any, name: str) -> str:
    """Return a started container's URL for events."""
    port = api.inspect_container(name)["NetworkSettings"]["Ports"][_PORT][0]["HostPort"]
    return f"http://127.0.0.1:{port}{_PATH}"


@dataclass(frozen=True)
class Wanted:
    """A container to create, with Lambda's limits.

    Attributes:
        image: its id or name, on this machine.
        memory: MB; also determines the share of a CPU.
        ephemeral_storage: MB of /tmp.
        variables: of its environment.
        command: for Lambda's runtime client; the image's own if None.
        entrypoint: instead of the emulator, which listens on a loopback port.
        labels: to find it again.
    """

    image: str
    memory: int
    ephemeral_storage: int
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    command: str | None = None
    entrypoint: list[str] | None = None
    labels: dict[str, str] = field(default_factory=dict)


def create(api: Any, name: str, wanted: Wanted) -> None:
    """Create a container without starting it."""
    rules = lambda_rules(wanted.memory, wanted.ephemeral_storage)
    # 1,769 MB have one vCPU; an engine refuses more CPUs than the machine has.
    share = min(wanted.memory / ONE_PROCESSOR, float(api.info()["NCPU"]))
    rules |= {"nano_cpus": int(share * 1e9)}
    emulated = wanted.entrypoint is None
    if emulated:
        rules |= {"port_bindings": {8080: ("127.0.0.1",)}, "network_mode": "bridge"}
    api.create_container(
        wanted.image,
        [wanted.command] if wanted.command and emulated else None,
        name=name,
        user="993:990",
        ports=[8080] if emulated else None,
        environment=wanted.variables,
        labels=wanted.labels,
        host_config=api.create_host_config(**rules),
        **({} if emulated else {"entrypoint": wanted.entrypoint}),
    )


@contextmanager
def container(
    api: Any,
    image: str,
    trial: Trial,
    purpose: str,
    entrypoint: list[str] | None = None,
) -> Iterator[str]:
    """Create a container for a trial, and always remove it."""
    name = f"mldeploy-{purpose}-{secrets.token_hex(6)}"
    # The image's own command is the model's handler.
    command = command_of(trial) if trial.custom else None
    limits = (trial.memory, trial.ephemeral_storage)
    with passing(api, name):
        create(api, name, Wanted(image, *limits, variables(trial), command, entrypoint, PASSING))
        yield name


def no_answer(log: bytes, why: str) -> MldeployError:
    """Return the error for an image that didn't respond, with the end of its log."""
    lines = [line for line in log.decode("utf-8", "replace").splitlines() if line.strip()][-15:]
    return MldeployError(
        "MLD352",
        f"the image didn't respond: {why}",
        "run `mldeploy build`, which checks the image and names the problem",
        details=tuple(("container", line) for line in lines),
    )
