"""Asks a compiled model in a clean process, run by its path with NumPy alone.

The request is a folder. `cases.json` has the cases, `N.json` the rows of a case in the form of
requests, or `N.npy` as an array. The outputs are written as `N-METHOD-OUTPUT.npy`, or as JSON for
arrays of Python values, and listed in `outcomes.json`. Then each line of input is the number of a
request of `cases.json`, and the line of output has the seconds that the model took for it.
"""

import json
import os
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

_INSTALLED = frozenset({"numpy", "endpoint", "outcomes", "timing"})
"""NumPy, and what a wheel of mldeploy installs of the image's code and beside this file."""


class _NumpyAlone(PathFinder):
    """Finds modules by the path, except installed ones other than NumPy."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        found = super().find_spec(fullname, path, target)
        place = found.origin if found else None
        if place and "-packages" in place and fullname.partition(".")[0] not in _INSTALLED:
            return None
        return found


def main() -> None:
    """Answer the cases of a folder."""
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    own = [one for one in sys.meta_path if getattr(one, "__module__", "").startswith("_frozen_")]
    sys.meta_path[:] = [_NumpyAlone if one is PathFinder else one for one in own]
    sys.path.insert(0, asked["endpoint"])
    from endpoint.compiled.file import read  # type: ignore[import-not-found,unused-ignore]
    from endpoint.frameworks.compiled import (  # type: ignore[import-not-found,unused-ignore]
        table_maker,
    )

    nodes = read(Path(asked["file"]))
    table = table_maker(asked["signature"], asked["features"])
    outcomes = [
        [_written(folder, number, method, _found(nodes[case["node"]], method, case, rows))
         for method in case["methods"]]
        for number, case, rows in _cases(folder, asked["cases"], table)
    ]  # fmt: skip
    (folder / "outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")
    _tell("answered")
    _time(nodes[0], table, asked)


def _time(model: Any, table: Any, asked: Any) -> None:
    from timing import seconds_of  # type: ignore[import-not-found,unused-ignore]

    calls = [getattr(model, method) for method in asked["methods"]]
    for line in sys.stdin:
        _tell(str(seconds_of(table, calls, asked["requests"][int(line)])))


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def _cases(folder: Path, cases: list[Any], table: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield cases with a function that makes a table of some of their rows."""
    import numpy as np

    for number, case in enumerate(cases):
        if case["node"] or case["trees"]:
            array = np.load(folder / f"{number}.npy", allow_pickle=False)
            yield number, case, array.__getitem__
        else:
            rows = json.loads((folder / f"{number}.json").read_text(encoding="utf-8"))
            yield number, case, lambda part, rows=rows: table(rows[part])


def _found(node: Any, method: str, case: Any, rows: Any) -> Any:
    from outcomes import alone, of_trees, together  # type: ignore[import-not-found,unused-ignore]

    call = getattr(node, method)
    if case["trees"]:
        return of_trees(call, rows(slice(None)), case["trees"])
    if case["alone"]:
        parts = (slice(number, number + 1) for number in range(case["count"]))
        return alone(lambda part: call(rows(part)), parts)
    return together(call, rows(slice(None)))


def _written(folder: Path, number: int, method: str, found: Any) -> Any:
    """Write the arrays of an outcome, and return their files with the rows that raised errors."""
    import numpy as np

    arrays, *others = found
    files = []
    for output, array in enumerate(arrays):
        name = f"{number}-{method}-{output}"
        if array.dtype.kind == "O":
            files.append(f"{name}.json")
            values = {"shape": array.shape, "values": array.reshape(-1).tolist()}
            text = json.dumps(values, default=lambda one: one.item())
            (folder / files[-1]).write_text(text, encoding="utf-8")
        else:
            files.append(f"{name}.npy")
            np.save(folder / files[-1], array, allow_pickle=False)
    return [files, *others]


if __name__ == "__main__":
    main()
