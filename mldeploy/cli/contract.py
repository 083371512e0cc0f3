"""What a model takes, as a table: each column, its type, its values, and whether it may be missing.

It fits 80 columns of a terminal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mldeploy.model.bundle import Bundle

_COLUMNS = 20
"""Columns that are shown; an image has hundreds."""
_VALUES = 5
_NAME_WIDTH, _TYPE_WIDTH, _VALUE_WIDTH = 22, 8, 34


def contract_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the rows of the table for a renderer, a header first."""
    signature = bundle.facts["signature"]
    features = signature.get("features") or []
    closed = bundle.facts.get("categories") or {}
    rows = [("column", _line("type", "values", "missing"))]
    for one in features[:_COLUMNS]:
        known = one.get("categories") or closed.get(one["name"]) or []
        missing = "allowed" if one.get("nullable") else "no"
        rows.append(
            (_cut(one["name"], _NAME_WIDTH), _line(one["dtype"], _values(one, known), missing))
        )
    rest = len(features) - _COLUMNS
    if rest > 0:
        rows.append(("…", f"and {rest} more columns"))
    return rows


def _line(kind: str, values: str, missing: str) -> str:
    return f"{kind:<{_TYPE_WIDTH}}  {values:<{_VALUE_WIDTH}}  {missing}"


def _values(feature: Mapping[str, Any], known: Sequence[Any]) -> str:
    """Return a closed list, a range, or what was seen of an open column."""
    if feature.get("closed"):
        count = f"only {len(known)} values: " if len(known) > _VALUES else "only "
        return _listed(count, known) if known else "a closed list"
    if feature.get("minimum") is not None:
        return _cut(f"{_said(feature['minimum'])} to {_said(feature['maximum'])}", _VALUE_WIDTH)
    if feature["dtype"] == "boolean":
        return "true, false"
    return _listed("any; seen: ", known) if known else "any"


def _listed(start: str, known: Sequence[Any]) -> str:
    """Return the first values, as many as fit, and an ellipsis for the rest."""
    shown = start
    for number, value in enumerate(known):
        text = f"{', ' if number else ''}{_said(value)}"
        room = _VALUE_WIDTH - len(shown) - (3 if number + 1 < len(known) else 0)
        if number == _VALUES or len(text) > room:
            return f"{shown}, …" if number else _cut(f"{shown}{text}", _VALUE_WIDTH)
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
