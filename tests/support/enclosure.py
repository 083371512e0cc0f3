"""The first process of namespaces of its own: `unshare … python enclosure.py CHANNEL PORT DATA`.

It sends a listening socket to whoever holds the other end of the channel, and ends when that end
is closed. The kernel then ends whatever runs in there, and its mounts go with it.
"""

import fcntl
import signal
import socket
import struct
import subprocess
import sys

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1


def main() -> None:
    """Bring up loopback, listen there, and wait for the end."""
    channel, port, data = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    # Orphans become this process's children, and it waits for none of them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # In /run a dockerd would find another's containerd and take it for its own.
    for folder in ("/run", data):
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    server = socket.create_server(("127.0.0.1", port))
    socket.send_fds(channel, [b"ready"], [server.fileno()])
    channel.recv(1)


if __name__ == "__main__":
    main()
