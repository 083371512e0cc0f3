"""The written decisions: which failures and differences are on purpose, with their reasons."""

import tomllib
from dataclasses import dataclass
from typing import Any

from tests.clients.environments import HERE

_FILE = HERE / "decisions.toml"
Cell = tuple[str, str]


def cells() -> dict[Cell, str]:
    """Return the reason of each failure on purpose, by client and model."""
    found = _read().get("cells", {})
    return {(client, model): why for client in found for model, why in found[client].items()}


@dataclass(frozen=True)
class Difference:
    """What comes of a request at our endpoint and at another server."""

    request: str
    model: str
    peer: str
    ours: str
    theirs: str


def differences() -> dict[Difference, str]:
    """Return the reason of each difference from another server."""
    return {
        Difference(case["request"], model, entry["peer"], case["ours"], case["theirs"]): entry[
            "why"
        ]
        for entry in _read()["differences"]
        for case in entry["cases"]
        for model in case["models"]
    }


def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
