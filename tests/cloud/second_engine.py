"""A second, newer Docker engine in addition to the machine's, as root on Debian.

`python -m tests.cloud.second_engine start` runs Debian sid's dockerd with the containerd image
store in its own file tree. It has its own mounts, processes, data, socket and bridge, so neither
engine sees the other, and everything ends with one process. DOCKER_HOST selects the engine.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cloud import engine
from tests.cloud.bridge import Bridge, make_bridge
from tests.cloud.rootfs import debian_sources
from tests.cloud.state import CloudError, run, run_action, state_dir, tail, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60
STOP_SECONDS = 20
_PROGRAMS = ("mmdebstrap", "unshare", "chroot", "ip", "iptables")
_GROUPS = Path("/sys/fs/cgroup")
_SCRIPT = Path(__file__).with_suffix(".sh")
# The default of new installations of Docker 29 and of Docker Desktop; a switch before.
_SETTINGS = {"features": {"containerd-snapshotter": True}}
_HOST_FILES = ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt")


def address() -> str:
    """Return the value of DOCKER_HOST that chooses this engine."""
    return f"unix://{home() / 'sockets' / 'docker.sock'}"


def answers() -> bool:
    """Return whether the engine is running."""
    return engine.why_not(address()) is None


def prepare() -> str:
    """Create the engine's file tree from Debian packages, unless it exists (about 15 s).

    Raises:
        CloudError: it can't be created here.
    """
    _require_programs()
    root = home() / "root"
    with _locked():
        if root.exists():
            return f"{root} is here"
        began = time.monotonic()
        scratch = home() / "root.new"
        shutil.rmtree(scratch, ignore_errors=True)  # of a run that was killed
        _write_tree(scratch)
        scratch.rename(root)
    return f"made {root} in {time.monotonic() - began:.0f} s"


def _require_programs() -> None:
    if os.geteuid() != 0:
        raise CloudError("only root can start a second Docker engine")
    missing = [one for one in _PROGRAMS if shutil.which(one) is None]
    if missing:
        raise CloudError(f"a second Docker engine needs {missing[0]}, which is not installed")


def _write_tree(root: Path) -> None:
    codename, sources = debian_sources()
    mirrors = [uri for _, uri, suite, _ in map(str.split, sources) if suite == codename]
    # Packages without their scripts take a tenth of the time.
    command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=extract", "--include=docker.io"]
    # sid's index is valid for a week; a mirror that is frozen, as for repeatable builds, is older.
    command += ["--aptopt=Acquire::Check-Valid-Until false"]
    command += ["--aptopt=APT::Install-Recommends false"]
    run([*command, "sid", root, f"deb {mirrors[0]} sid main"])
    for name in ("bin", "sbin", "lib", "lib64"):  # links that a script creates, like the next
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    (root / "var/run").symlink_to("/run")  # dockerd's own process ids must not outlive it
    for name in ("proc", "sys", "dev", "run", "root", "etc/docker", "var/lib/docker"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "etc/docker/daemon.json").write_text(json.dumps(_SETTINGS))


def start() -> str:
    """Ensure that the second engine is running and return a sentence on it.

    Raises:
        CloudError: it can't be started here.
    """
    if answers():
        return f"the second engine answers already: {status()}"
    prepare()
    stop()  # what a killed run may have left
    try:
        _start_dockerd()
    except BaseException:
        stop()
        raise
    return f"started {status()}"


def _start_dockerd() -> None:
    folder = home()
    made = make_bridge()
    _bridge_file().write_text(str(made.number))
    made.connect()
    for name in ("data", "sockets"):
        (folder / name).mkdir(exist_ok=True)
    for name in _HOST_FILES:  # what this machine resolves by, and trusts
        if (Path("/") / name).exists():
            (folder / "root" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path("/") / name, folder / "root" / name)
    log = folder / "dockerd.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(folder, made),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # it outlives the shell
        )
    _pid_file().write_text(str(process.pid))
    if not wait_until(answers, seconds=START_SECONDS, alive=lambda: process.poll() is None):
        raise CloudError(f"dockerd did not start; the end of {log}:\n{tail(log.read_text())}")


def _command(folder: Path, used: Bridge) -> list[str]:
    return [
        # Whatever runs in there ends with this process, and its mounts go with it.
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", str(_SCRIPT)),
        *(str(folder / name) for name in ("root", "data", "sockets")),
        *("--host", "unix:///run/sockets/docker.sock"),
        # Never "none": dockerd would remove docker0, which is the other engine's.
        *("--bridge", used.name, "--iptables=false", "--ip6tables=false"),
        *("--exec-opt", "native.cgroupdriver=cgroupfs", f"--cgroup-parent=/{used.name}"),
    ]


def stop() -> str:
    """End the second engine with its containers, bridge and rules; its images are kept."""
    pid = _started()
    if pid is not None:
        with suppress(OSError):
            os.kill(_dockerd(), signal.SIGTERM)
            wait_until(lambda: _started() is None, seconds=STOP_SECONDS, alive=lambda: True)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: _started() is None, seconds=STOP_SECONDS, alive=lambda: True):
            raise CloudError(f"the second engine, process {pid}, doesn't end")
    _pid_file().unlink(missing_ok=True)
    left = bridge()
    if left is not None:
        left.remove()
        _remove_groups(left.name)
        _bridge_file().unlink()
    return (
        "no second engine runs" if pid is None else f"the second engine, process {pid}, has ended"
    )


def bridge() -> Bridge | None:
    """Return the bridge that `start` created and `stop` hasn't removed."""
    try:
        return Bridge(int(_bridge_file().read_text()))
    except FileNotFoundError:
        return None


def _started() -> int | None:
    """Return the process that `start` started, if it still runs."""
    try:
        pid = int(_pid_file().read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    # The pid may have been reused since; a zombie has an empty command line.
    return pid if str(home()).encode() in words else None


def _dockerd() -> int:
    """Return the process behind the socket."""
    credentials = struct.Struct("3i")  # pid, uid, gid
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address().removeprefix("unix://"))
        found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    return int(credentials.unpack(found)[0])


def _remove_groups(name: str) -> None:
    """Remove the control groups of containers that weren't removed."""
    for parent in (_GROUPS / name, *_GROUPS.glob(f"*/{name}")):  # of version 2, and of 1
        for one in (*parent.glob("*/"), parent):
            with suppress(OSError):
                one.rmdir()


def status() -> str:
    """Describe the engine in a line.

    Raises:
        CloudError: it isn't running.
    """
    reason = engine.why_not(address())
    if reason is not None:
        raise CloudError(f"the second engine doesn't answer: {reason}")
    info = engine.client(address()).info()
    store = "containerd" if _has_containerd_store(info) else "own"
    return f"Docker Engine {info['ServerVersion']}, {store} image store, DOCKER_HOST={address()}"


def _has_containerd_store(info: dict[str, object]) -> bool:
    return "io.containerd.snapshotter" in str(info.get("DriverStatus"))


@contextmanager
def running_second_engine() -> Iterator[str]:
    """Start the engine and return its address; end it afterwards if it didn't run before.

    Raises:
        CloudError: it can't be started here.
    """
    was_there = answers()
    start()
    try:
        yield address()
    finally:
        if not was_there:
            stop()


@contextmanager
def _locked() -> Iterator[None]:
    with (home() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def home() -> Path:
    """Return the folder of the engine's tree, data, socket and log."""
    folder = state_dir().resolve() / "second-engine"
    folder.mkdir(exist_ok=True)
    return folder


def _pid_file() -> Path:
    return home() / "started.pid"


def _bridge_file() -> Path:
    return home() / "bridge"


def main() -> int:
    """Run an action and print the result."""
    actions = {"prepare": prepare, "start": start, "stop": stop, "status": status}
    return run_action(actions, (__doc__ or "").splitlines()[0], "second engine")


if __name__ == "__main__":
    sys.exit(main())
