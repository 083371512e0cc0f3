"""Podman's socket, which speaks Docker's API, with images and containers of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cloud.engine import why_not
from tests.cloud.state import CloudError, stop_process, tail, wait_until

_START_SECONDS = 30
# Podman asks for more than a machine without CAP_SYS_RESOURCE may give.
_LIMITS = '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n'


@contextmanager
def running_podman(registry: str) -> Iterator[str]:
    """Start Podman's service; yield its address for DOCKER_HOST, and leave nothing of it.

    Args:
        registry: `127.0.0.1:port` of one that speaks plain HTTP.

    Raises:
        CloudError: it isn't installed, or doesn't start.
    """
    if shutil.which("podman") is None or os.geteuid() != 0:
        raise CloudError("podman is not installed" if os.geteuid() == 0 else "only root tries it")
    folder = Path(tempfile.mkdtemp(prefix="mldeploy-podman-"))
    plain = f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n'
    (folder / "registries.conf").write_text(plain)
    (folder / "containers.conf").write_text(_LIMITS)
    environment = {
        **os.environ,
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
    }
    podman = ["podman", "--root", f"{folder}/storage", "--runroot", f"{folder}/run"]
    address = f"unix://{folder}/podman.sock"
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*podman, "system", "service", "--time", "0", address],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        if not wait_until(
            lambda: why_not(address) is None,
            seconds=_START_SECONDS,
            alive=lambda: process.poll() is None,
        ):
            raise CloudError(f"podman's service did not start:\n{tail(log.read_text())}")
        yield address
    finally:
        for what in (["rm", "--all", "--force"], ["rmi", "--all", "--force"]):
            subprocess.run([*podman, *what], env=environment, capture_output=True, check=False)
        stop_process(process)
        # The store mounts its own folder onto itself.
        subprocess.run(
            ["umount", "-l", f"{folder}/storage/overlay"], capture_output=True, check=False
        )
        shutil.rmtree(folder, ignore_errors=True)
