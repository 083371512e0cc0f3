"""The predictions for several rows as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mldeploy.render.words import columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDEST = 30
"""Characters of a cell."""
_SAID_TWICE = {"class_label": "class_name"}
"""Keys that are left out if another key says the same for people."""


def predictions_table(content: Any) -> str:
    """Return a table with a line per row, or "" unless the response has several predictions.

    Numbers have six significant digits; the response itself has all.
    """
    match content:
        case {"predictions": [dict(), dict(), *_] as found} if all(
            isinstance(one, dict) for one in found
        ):
            return _table([dict(_cells(one)) for one in found])
        case _:
            return ""


def _table(rows: list[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = ["row", *names]
    lines = [
        [str(number), *(row.get(name, "") for name in names)] for number, row in enumerate(rows)
    ]
    return columns([head, *lines])


def _cells(prediction: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in prediction.items():
        if _SAID_TWICE.get(name) in prediction:
            continue
        if isinstance(value, dict):
            yield from _cells(value, f"{name}." if name != "probabilities" else "p ")
        else:
            yield f"{prefix}{name}", _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", " ")
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
