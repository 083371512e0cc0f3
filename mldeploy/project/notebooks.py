"""Reads the code of a Jupyter notebook as Python (nbformat 4, "The notebook file format")."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

_TIMING = re.compile(r"%%(time|timeit|capture)\b.*")
"""Magics of a cell whose other lines are Python; other languages have magics, too."""
_SHELL = re.compile(r"(?P<indent>\s*)(?P<line>[%!?].*|[\w.]+\?{1,2}\s*)")


class NotANotebookError(ValueError):
    """The text isn't a notebook of Python; the message says why."""


def code_of(text: str) -> str:
    """Return the code cells of a notebook, one after the other, as a script.

    Lines that only IPython understands, such as `%matplotlib inline` or `!pip install`, become
    comments.

    Raises:
        NotANotebookError: it isn't JSON with cells, or its language isn't Python.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"it isn't JSON ({error})"
        raise NotANotebookError(message) from error
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        message = "it has no cells"
        raise NotANotebookError(message)
    language = _language(found.get("metadata", {}))
    if language not in {"", "python"}:
        message = f"its language is {language}"
        raise NotANotebookError(message)
    return "\n\n".join(_cells(found["cells"])) + "\n"


def _language(metadata: dict[str, Any]) -> str:
    kernel = metadata.get("kernelspec", {}).get("language", "")
    return str(metadata.get("language_info", {}).get("name", "") or kernel).lower()


def _cells(cells: list[Any]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield python_of(source if isinstance(source, str) else "".join(source))


def python_of(cell: str) -> str:
    """Return a cell's code as Python, as far as it is."""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        pass
    else:
        return cell
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        return python_of(rest) if _TIMING.fullmatch(first) else _commented(cell)
    return "\n".join(_line(line) for line in cell.splitlines())


def _line(line: str) -> str:
    found = _SHELL.fullmatch(line)
    if not found:
        return line
    return f"{found['indent']}{'pass  ' if found['indent'] else ''}# {found['line']}"


def _commented(cell: str) -> str:
    return "\n".join(f"# {line}" for line in cell.splitlines())
