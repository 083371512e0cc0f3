"""A network bridge for a second Docker engine, with rules only for this bridge."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cloud.state import CloudError, run

_NUMBERS = range(1, 100)
_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")


@dataclass(frozen=True)
class Bridge:
    """A bridge by its number: several checkouts may each have an engine."""

    number: int

    @property
    def name(self) -> str:
        """Of the network device."""
        return f"mldeploy{self.number}"

    @property
    def network(self) -> str:
        """The network of its containers.

        RFC 2544 sets 198.18.0.0/15 apart for tests: no company's or cloud's network has it.
        """
        return f"198.18.{self.number}.0/24"

    @property
    def address(self) -> str:
        """Of the bridge itself, which containers reach without any rule."""
        return f"198.18.{self.number}.1"

    def _rules(self) -> list[tuple[list[str], list[str]]]:
        """Return (table, rule). None of them matches a packet of another engine's bridge."""
        out = ["--in-interface", self.name, "--jump", "ACCEPT"]
        known = ["--match", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "--jump", "ACCEPT"]
        masked = ["--source", self.network, "!", "--out-interface", self.name]
        return [
            (["--table", "filter"], ["FORWARD", *out]),
            (["--table", "filter"], ["FORWARD", "--out-interface", self.name, *known]),
            (["--table", "nat"], ["POSTROUTING", *masked, "--jump", "MASQUERADE"]),
        ]

    def connect(self) -> None:
        """Give it its address, and its containers a way out.

        Raises:
            CloudError: the system refuses.
        """
        run(["ip", "address", "add", f"{self.address}/24", "dev", self.name])
        run(["ip", "link", "set", self.name, "up"])
        if _FORWARD.read_text().strip() != "1":
            _FORWARD.write_text("1")  # any dockerd does so when it starts
        for table, rule in self._rules():
            # First: the other engine's policy for FORWARD is DROP.
            run(["iptables", "--wait", *table, "--insert", *rule])

    def remove(self) -> None:
        """Remove the bridge and its rules; what isn't there is passed over."""
        for table, rule in self._rules():
            _try(["iptables", "--wait", *table, "--delete", *rule])
        _try(["ip", "link", "delete", self.name, "type", "bridge"])


def make_bridge() -> Bridge:
    """Make a bridge that no other process has; it has no address yet.

    Raises:
        CloudError: the system refuses.
    """
    refusal = ""
    for number in _NUMBERS:
        bridge = Bridge(number)
        try:
            run(["ip", "link", "add", bridge.name, "type", "bridge"])
        except CloudError as error:
            if "File exists" not in str(error):
                raise
            refusal = str(error)
        else:
            return bridge
    raise CloudError(f"every bridge is in use: {refusal}")


def _try(command: list[str]) -> None:
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
