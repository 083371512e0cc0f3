"""Draws the rooms of mldeploy from their imports: `python -m tools.architecture`.

A room is a package or a module at the top of `mldeploy/`. Its floor is one above the highest room
that it imports from.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mldeploy"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- floors: begin -->", "<!-- floors: end -->"
Rooms = dict[str, set[str]]


def modules() -> list[Path]:
    """Return the files of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the room of a file: "deploy", or "errors" of `errors.py`; "" for the package's own."""
    first = path.relative_to(PACKAGE).with_suffix("").parts[0]
    return "" if first == "__init__" else first


def dotted(path: Path) -> str:
    """Return a file's name as a module: "mldeploy.deploy.shift"."""
    parts = ("mldeploy", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


@cache  # the tests ask for each file several times, and parsing it takes long
def imports(path: Path) -> tuple[str, ...]:
    """Return the dotted names of the modules that a file may import, wherever it does so."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def rooms() -> Rooms:
    """Return which rooms each room imports from."""
    found: Rooms = {room: set() for room in map(room_of, modules()) if room}
    for path in modules():
        used = {name.split(".")[1] for name in imports(path) if name.startswith("mldeploy.")}
        if room := room_of(path):
            found[room] |= (used & found.keys()) - {room}
    return found


def floors(arrows: Rooms) -> dict[str, int]:
    """Return the floor of each room, 0 for those that import from none.

    Raises:
        ValueError: rooms import one another in a circle.
    """
    found: dict[str, int] = {}
    while len(found) < len(arrows):
        ready = {one for one, used in arrows.items() if one not in found and used <= found.keys()}
        if not ready:
            circle = sorted(arrows.keys() - found.keys())
            message = f"in a circle, or above one: {', '.join(circle)}"
            raise ValueError(message)
        found |= {one: max((found[to] + 1 for to in arrows[one]), default=0) for one in ready}
    return found


def drawn() -> str:
    """Return the table of floors as Markdown, the top floor first."""
    arrows = rooms()
    found = floors(arrows)
    lines = ["| floor | room | imports from | what it knows |", "| --- | --- | --- | --- |"]
    for room in sorted(found, key=lambda one: (-found[one], one)):
        path = PACKAGE / room
        name = f"`{room}/`" if path.is_dir() else f"`{room}.py`"
        used = ", ".join(sorted(arrows[room])) or "-"
        lines.append(f"| {found[room]} | {name} | {used} | {_claim(path)} |")
    return "\n".join(lines)


def _claim(path: Path) -> str:
    """Return the first sentence of a room's docstring."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return told.splitlines()[0].rstrip(".") if told else ""


def page() -> str:
    """Return the architecture page with the current table.

    Raises:
        ValueError: the page has no markers for the table.
    """
    text = PAGE.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN), text.index(END)
    return f"{text[:begin]}{BEGIN}\n{drawn()}\n{text[end:]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
