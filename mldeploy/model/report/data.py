"""report.json of a bundle."""

import json
from pathlib import Path
from typing import Any

REPORT = "report.json"
"""A file of the bundle that isn't part of the model: neither its digest nor the image has it."""
FORMAT = 1
Data = dict[str, Any]


def write_report(report: Data, folder: Path) -> None:
    """Write the report's data to a folder."""
    text = json.dumps(report, sort_keys=True, allow_nan=False) + "\n"
    (folder / REPORT).write_text(text, encoding="utf-8")


def read_report(folder: Path) -> Data:
    """Return the report's data of a bundle, or {} if it has none that can be read."""
    try:
        found = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("format") == FORMAT else {}
