"""docs/configuration.md has each key with its default and its limits, as the fields spell them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.shape import json_schema
from mldeploy.facts.quotas import INTEGER

PAGE = Path(__file__).parents[3] / "docs/configuration.md"
TABLES = {
    "[project]": ("project",),
    "[image]": ("image",),
    "[training]": ("training",),
    "[publish]": ("publish",),
    "[models.<name>]": ("models", "*"),
    "[functions.<name>]": ("functions", "*"),
    "Warm starts": ("functions", "*", "keep_warm"),
    "[batch]": ("batch",),
    "[deploy]": ("deploy",),
    "[api]": ("api",),
    "[api.jwt]": ("api", "jwt"),
    "[api.cors]": ("api", "cors"),
    "[role]": ("role",),
    "[sign]": ("sign",),
    "[logs]": ("logs",),
}
"""Each heading with a table of keys, and which table of the file that is."""


@cache
def schema() -> dict[str, Any]:
    return json_schema()


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """Return (default, text) of each key under each heading of the page."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    heading = ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
        row = re.fullmatch(r"\| `(\w+)` \| (.*?) \| (.*) \|", line)
        if row:
            found.setdefault(heading, {})[row[1]] = (row[2], row[3])
    return found


def described(path: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return what the schema says of each key of a table."""
    here: dict[str, Any] = schema()
    for part in path:
        names = here.get("patternProperties", {})  # of tables with names of the user's own
        here = next(iter(names.values())) if part == "*" else here["properties"][part]
        here = next((one for one in here.get("oneOf", ()) if "$ref" in one), here)
        while "$ref" in here:
            here = schema()["$defs"][here["$ref"].rpartition("/")[2]]
    properties: dict[str, dict[str, Any]] = here["properties"]
    return properties


def limits(node: Any) -> Iterator[str]:
    """Yield the values that a schema names as limits or choices, as the page writes them."""
    match node:
        case dict():
            for key, value in node.items():
                if key in {"minimum", "maximum", "exclusiveMinimum"} and value != INTEGER:
                    yield f"{value:,}" if value >= 1_000_000 else str(value)
                elif key == "enum":
                    yield from map(json.dumps, value)
                elif isinstance(value, dict | list):
                    yield from limits(value)
        case list():
            for one in node:
                yield from limits(one)


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_has_each_table_s_keys_and_no_others(heading: str) -> None:
    """A key that isn't documented doesn't exist for a user."""
    assert set(documented()[heading]) == set(described(TABLES[heading]))


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_has_each_default(heading: str) -> None:
    """As TOML writes it; a key without one says in words what counts then."""
    for key, (default, _) in documented()[heading].items():
        known = described(TABLES[heading])[key]
        if known.get("default") == [] and default == "required":
            continue  # empty, it is refused together with the keys beside it
        if "default" in known:
            written = "{}" if known["default"] == {} else json.dumps(known["default"])
            assert default == f"`{written}`", f"{key} in {heading}"
        else:
            assert not re.match(r"`[\[\"\d{]", default) or "<" in default, f"{key} in {heading}"


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_has_each_limit(heading: str) -> None:
    """Bounds, and the values that there are to choose from."""
    for key, (_, text) in documented()[heading].items():
        plain = text.replace(",000", "000")
        for one in limits(described(TABLES[heading])[key]):
            shown = one.replace(",", "")
            assert re.search(rf"(?<!\d){re.escape(shown)}(?!\d)", plain.replace(",", "")), (
                f"{key} in {heading}: {one}"
            )


def test_each_table_of_the_page_is_looked_at() -> None:
    """But for the stages' own keys and the variables."""
    assert set(documented()) - set(TABLES) <= {"[stages.<stage>.…]", "Variables"}
