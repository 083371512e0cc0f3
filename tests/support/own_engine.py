"""A Docker engine of a test's own, which may be killed."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cloud.state import CloudError, stop_process, tail, wait_until

_START_SECONDS = 60
_PROGRAMS = ("dockerd", "nsenter", "unshare")
_GROUPS = Path("/sys/fs/cgroup")
_ENCLOSURE = Path(__file__).with_name("enclosure.py")


@dataclass
class OwnEngine:
    """A dockerd in namespaces of its own: it sees no bridge, mount or containerd of another's.

    Attributes:
        folder: of its data, its log and its socket.
        enclosure: the process whose namespaces they are.
        listening: on loopback as dockerd sees it; whoever accepts there is outside.
    """

    folder: Path
    enclosure: "subprocess.Popen[bytes]"
    listening: socket.socket
    _started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def address(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{self.folder}/docker.sock"

    def client(self) -> Any:
        """Return a Docker client."""
        import docker

        return docker.DockerClient(base_url=self.address, timeout=600)

    def start(self) -> None:
        """Start dockerd on the data that it had, if it doesn't run; return when it answers.

        Raises:
            CloudError: it doesn't start.
        """
        if self._answers():
            return
        log = self.folder / "dockerd.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._started.append(process)
        if not wait_until(
            self._answers, seconds=_START_SECONDS, alive=lambda: process.poll() is None
        ):
            raise CloudError(f"dockerd did not start; its log ends:\n{tail(log.read_text())}")

    def _command(self) -> list[str]:
        pid = self.enclosure.pid
        return [
            *("nsenter", f"--target={pid}", "--mount", "--net"),
            f"--pid=/proc/{pid}/ns/pid_for_children",
            *("dockerd", "--host", self.address, "--data-root", f"{self.folder}/data"),
            # Without a bridge dockerd removes docker0, so never in the machine's own network.
            *("--bridge=none", "--iptables=false", "--ip6tables=false"),
            *("--exec-opt", "native.cgroupdriver=cgroupfs", f"--cgroup-parent=/{self.folder.name}"),
        ]

    def _answers(self) -> bool:
        try:
            self.client().ping()
        except Exception:  # noqa: BLE001 - docker-py raises requests' and its own errors here
            return False
        return True

    def kill(self) -> None:
        """Send SIGKILL to the process that listens at the socket; return when it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it end its containers and itself, if it runs."""
        with suppress(OSError):
            self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        credentials = struct.Struct("3i")  # pid, uid, gid
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.address.removeprefix("unix://"))
            found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        os.kill(credentials.unpack(found)[0], number)
        self._started[-1].wait(30)


@contextmanager
def own_engine(port: int) -> Iterator[OwnEngine]:
    """Start an engine whose loopback has one listening port; end all that it has started.

    Raises:
        CloudError: none can be started here.
    """
    missing = [one for one in _PROGRAMS if shutil.which(one) is None]
    if missing or os.geteuid() != 0:
        raise CloudError(f"there is no {missing[0]}" if missing else "only root can start dockerd")
    folder = Path(tempfile.mkdtemp(prefix="mldeploy-engine-"))
    here, enclosure = _enclosed(folder, port)
    try:
        message, sockets, _, _ = socket.recv_fds(here, 16, 1)
        if not message:
            raise CloudError("no namespaces can be made here (unshare)")
        engine = OwnEngine(folder, enclosure, socket.socket(fileno=sockets[0]))
        with engine.listening:
            engine.start()
            yield engine
            engine.stop()
    finally:
        here.close()
        stop_process(enclosure)
        _remove_groups(folder.name)
        shutil.rmtree(folder)


def _enclosed(folder: Path, port: int) -> "tuple[socket.socket, subprocess.Popen[bytes]]":
    """Start the process of the namespaces; return the channel to it as well."""
    data = folder / "data"
    data.mkdir()
    here, there = socket.socketpair()
    with there:
        enclosure = subprocess.Popen(
            [
                *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
                *("--mount-proc", sys.executable, "-S", str(_ENCLOSURE)),
                *(str(there.fileno()), str(port), str(data)),
            ],
            pass_fds=[there.fileno()],
            stdin=subprocess.DEVNULL,
        )
    return here, enclosure


def _remove_groups(name: str) -> None:
    """Remove the control groups of containers that nobody was left to remove."""
    for parent in (_GROUPS / name, *_GROUPS.glob(f"*/{name}")):  # of version 2, and of 1
        for one in (*parent.glob("*/"), parent):
            if one.is_dir():
                one.rmdir()
