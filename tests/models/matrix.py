"""All lines, by name."""

from tests.models import (
    of_arrays,
    of_categories,
    of_classes,
    of_columns,
    of_estimators,
    of_frames,
    of_labels,
    of_libraries,
    of_meta,
    of_sklearn,
)
from tests.models.line import Line

GROUPS = {
    "sklearn": of_sklearn.LINES,
    "meta": of_meta.LINES,
    "estimators": of_estimators.LINES,
    "arrays": of_arrays.LINES,
    "frames": of_frames.LINES,
    "categories": of_categories.LINES,
    "columns": of_columns.LINES,
    "labels": of_labels.LINES,
    "libraries": of_libraries.LINES,
    "classes": of_classes.LINES,
}


def _by_name() -> dict[str, Line]:
    found: dict[str, Line] = {}
    for lines in GROUPS.values():
        for line in lines:
            assert line.name not in found, f"two lines are called {line.name!r}"
            found[line.name] = line
    return found


LINES = _by_name()
