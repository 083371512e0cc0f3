"""A model's input as a table: each column, its type, its values, and whether it may be missing.

It fits 80 columns of a terminal. It contains only what clients may read, because CI keeps logs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mldeploy.model.bundle import Bundle

_COLUMNS = 20
"""Maximum number of columns shown; an image has hundreds."""
_VALUES = 5
_WIDTH = 80
_NAME_WIDTH = 22
_BESIDE = 23
"""Characters of a line in addition to the name and the values: indent, type, missing, gaps."""


def contract_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the rows of the table, header first."""
    signature = bundle.facts["signature"]
    features = signature.get("features") or []
    texts = signature.get("input") == "text"
    shown = features[:_COLUMNS]
    names = [_cut(str(one["name"]), _NAME_WIDTH) for one in shown]
    room = _WIDTH - _BESIDE - max(map(len, ("column", *names)))
    cells = [
        (
            one["dtype"],
            "any" if texts else _values(one, one.get("categories") or [], room),
            "allowed" if one.get("nullable") else "no",
        )
        for one in shown
    ]
    head = ("type", "values", "missing")
    width = max(len(values) for _, values, _ in (head, *cells))
    rows = [
        (name, f"{kind:<8}  {values:<{width}}  {missing}")
        for name, (kind, values, missing) in zip(("column", *names), (head, *cells), strict=True)
    ]
    rest = len(features) - len(shown)
    return [*rows, ("…", f"and {rest} more columns")] if rest else rows


def _values(feature: Mapping[str, Any], known: Sequence[Any], room: int) -> str:
    """Return a closed list, a range, or the known values of an open column."""
    if feature.get("closed"):
        count = f"only {len(known)} values: " if len(known) > _VALUES else "only "
        return _listed(count, known, room) if known else "only values in the training data"
    if feature.get("minimum") is not None:
        return _cut(f"{_said(feature['minimum'])} to {_said(feature['maximum'])}", room)
    if feature["dtype"] == "boolean":
        return "true, false"
    if known:
        return _listed("any; seen: ", known, room)
    return "any; list not published" if feature["dtype"] == "string" else "any"


def _listed(start: str, known: Sequence[Any], room: int) -> str:
    """Return as many values as fit, and an ellipsis for the rest."""
    shown = start
    for number, value in enumerate(known):
        text = f"{', ' if number else ''}{_said(value)}"
        left = room - len(shown) - (3 if number + 1 < len(known) else 0)
        if number == _VALUES or len(text) > left:
            return f"{shown}, …" if number else _cut(f"{shown}{text}", room)
        shown += text
    return shown


def _said(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
