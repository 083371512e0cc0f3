"""Find a Docker engine, or start Debian's as root: `python -m tests.cloud.engine start`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.cloud.state import CloudError, run_action, state_dir, tail, wait_until

START_SECONDS = 60
# dockerd waits 15 s for its containerd, which may be too short with a slow disk.
STARTS = 3


def answers() -> bool:
    """Return whether the Docker engine of the environment or Docker's context is running."""
    return why_not() is None


def why_not(host: str = "") -> str | None:
    """Return why no engine is running, or None if one is; `host` as in `client`."""
    try:
        client(host).ping()
    except Exception as error:  # noqa: BLE001 - docker-py raises requests' and its own errors here
        return _in_words(str(error))
    return None


def _in_words(error: str) -> str:
    # docker-py wraps the system's error in three others.
    reasons = {
        "No such file": "there is no Docker socket",
        "Connection refused": "nobody listens at the Docker socket",
        "Permission denied": "this user may not use the Docker socket (the group docker may)",
    }
    return next((text for sign, text in reasons.items() if sign in error), error.splitlines()[0])


def client(host: str = "") -> Any:
    """Return a Docker client of the engine at `host`, else of the one that the environment names.

    Importing it costs 0.3 s, so it happens here.
    """
    import docker

    if host:
        return docker.DockerClient(base_url=host, timeout=600)
    return docker.from_env(timeout=600)


def start() -> str:
    """Ensure that an engine is running and return a sentence on it.

    Raises:
        CloudError: none is running and none can be started here.
    """
    reason = why_not()
    if reason is None:
        return "a Docker engine answers already"
    dockerd = shutil.which("dockerd")
    if dockerd is None:
        raise CloudError(f"no Docker engine answers ({reason}) and there is no dockerd to start")
    if os.geteuid() != 0:
        raise CloudError(f"no Docker engine answers ({reason}) and only root can start dockerd")
    if os.environ.get("DOCKER_HOST"):
        raise CloudError(f"DOCKER_HOST is set, but nothing answers there ({reason})")
    return _start_dockerd(dockerd)


def _start_dockerd(dockerd: str) -> str:
    folder = state_dir() / "engine"
    folder.mkdir(exist_ok=True)
    log = folder / "dockerd.log"
    command = [
        dockerd,
        "--data-root",
        str(folder / "data"),
        "--pidfile",
        str(folder / "docker.pid"),
    ]
    for _ in range(STARTS):
        process = _started(command, log)
        if wait_until(answers, seconds=START_SECONDS, alive=partial(_runs, process)):
            _pid_file().write_text(str(process.pid))
            return f"started dockerd, process {process.pid}"
        _clear_failed_start(process, folder / "data")
    raise CloudError(f"dockerd did not start; the end of {log}:\n{tail(log.read_text())}")


def _started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        # Its own session, so that it outlives the shell.
        return subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )


def _runs(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def _clear_failed_start(process: subprocess.Popen[bytes], data: Path) -> None:
    # Its containerd outlives it, and so does the mount of its data on itself.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(["umount", str(data)], check=False, stderr=subprocess.DEVNULL)


def stop() -> str:
    """End the dockerd that `start` started, and no other."""
    file = _pid_file()
    if not file.exists():
        return "no dockerd was started from here"
    pid = int(file.read_text())
    file.unlink()
    if not _is_dockerd(pid):
        return f"process {pid} has already ended"
    os.kill(pid, signal.SIGTERM)
    for _ in range(300):
        if not _is_dockerd(pid):
            return f"dockerd, process {pid}, has ended"
        time.sleep(0.1)
    raise CloudError(f"dockerd, process {pid}, doesn't end")


def _pid_file() -> Path:
    return state_dir() / "engine" / "started.pid"


def _is_dockerd(pid: int) -> bool:
    # The pid may have been reused since; a zombie has an empty command line.
    try:
        return b"dockerd" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def status() -> str:
    """Describe the engine in a line.

    Raises:
        CloudError: no engine is running.
    """
    reason = why_not()
    if reason is not None:
        raise CloudError(f"no Docker engine answers: {reason}")
    version = client().version()
    return f"Docker Engine {version['Version']}, {version['Os']}/{version['Arch']}"


def main() -> int:
    """Run `start`, `stop` or `status` and print the result."""
    actions = {"start": start, "stop": stop, "status": status}
    return run_action(actions, __doc__ or "", "engine")


if __name__ == "__main__":
    sys.exit(main())
