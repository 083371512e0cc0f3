"""Trying an image out in a container, as Lambda would run it."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mldeploy.image import Built

_SECONDS = 120


@dataclass(frozen=True)
class Outcome:
    """What the check in the container came to.

    Attributes:
        code: its exit code.
        output: its log.
        killed: "memory" or "time" where that ended it.
        memory: MB that it had.
    """

    code: int
    output: str
    killed: str = ""
    memory: int = 0

    @property
    def foreign(self) -> bool:
        """Whether the image's programs can't run on this machine."""
        return "exec format error" in self.output


def try_out(api: Any, built: Built, *, seconds: float = _SECONDS) -> Outcome:
    """Run the image's own check.

    Read-only root, /tmp of 512 MB, not root, no network
    (Lambda developer guide, "Lambda execution environment").
    """
    memory = built.spec.memory
    late = threading.Event()
    with _container(api, built, memory) as name:

        def stop() -> None:
            late.set()
            with suppress(Exception):  # it ended by itself at the last moment
                api.kill(name)

        timer = threading.Timer(seconds, stop)
        try:
            refused = _start(api, name)
            if refused:
                return Outcome(1, refused)
            timer.start()
            code = int(api.wait(name)["StatusCode"])
            output = api.logs(name).decode("utf-8", "replace")
            starved = bool(api.inspect_container(name)["State"].get("OOMKilled"))
        finally:
            timer.cancel()
    killed = "time" if late.is_set() else "memory" if starved else ""
    return Outcome(code, output, killed, memory)


def _start(api: Any, name: str) -> str:
    """Start the container; return why not where the machine can't run such programs.

    Docker says that in the container's log, Podman in its answer to `start`.
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
def _container(api: Any, built: Built, memory: int) -> Iterator[str]:
    """Create the container and remove it, whatever comes between, Ctrl-C too.

    It gets a name, so that it can be removed before the engine has told its id.
    """
    name = f"mldeploy-check-{secrets.token_hex(6)}"
    try:
        api.create_container(
            built.image_id,
            name=name,
            entrypoint=["python", "-m", "endpoint.check"],
            user="993:990",
            working_dir="/var/task",
            host_config=api.create_host_config(**lambda_rules(memory)),
            environment={"LAMBDA_TASK_ROOT": "/var/task"},
        )
        yield name
    finally:
        remove(api, name)


def lambda_rules(memory: int) -> dict[str, Any]:
    """Return a container's settings as Lambda has them.

    Read-only root, a small /tmp, `memory` MB, no network, no rights
    (Lambda developer guide, "Lambda execution environment").
    """
    limit = f"{memory}m"
    return {
        "read_only": True,
        "tmpfs": {
            "/tmp": "rw,size=512m,mode=1777",  # noqa: S108 - inside the container
            # Lambda has no shared memory: semaphores have to fail here too.
            "/dev/shm": "ro,size=64k",  # noqa: S108 - inside the container
        },
        "network_mode": "none",
        "mem_limit": limit,
        "memswap_limit": limit,
        "cap_drop": ["ALL"],
    }


def remove(api: Any, name: str) -> None:
    """Remove a container; it may never have been made."""
    from docker.errors import NotFound

    with suppress(NotFound):
        api.remove_container(name, force=True)


def holds(api: Any, reference: str, secret: str) -> bool:
    """Tell whether an image has a secret in its history, its settings or a file of a layer."""
    facts = f"{api.history(reference)}{api.inspect_image(reference)}"
    return secret in facts or _streams(api.get_image(reference), secret.encode())


def _streams(chunks: Iterator[bytes], wanted: bytes) -> bool:
    """Tell whether a stream has these bytes, also across the border of two chunks."""
    tail = b""
    for chunk in chunks:
        piece = tail + chunk
        if wanted in piece:
            return True
        tail = piece[-len(wanted) :]
    return False
