"""Which tests `--part 2/20` keeps. CI spreads its long suites over several commits.

Most tests go by their ids. The files below stay whole, because their tests share containers or
servers that take long to start. A file of their folders that isn't named is kept in every part.
"""

import sys
from functools import cache
from pathlib import PurePosixPath
from zlib import crc32

SECONDS = {
    "tests/e2e": {
        "batch": 180, "cold_start": 62, "direct": 100, "embedded": 81, "engine": 180,
        "engine_311": 45, "engine_faults": 60, "engine_killed": 53, "fuzz": 49,
        "gateway_parity": 30, "import": 55, "invoke_local": 30, "iris_validate": 30,
        "lambda_rules": 81, "large_model": 155, "models": 322, "page": 33, "podman": 19,
        "pruning": 110, "report_page": 18, "second_engine": 87, "secrets": 28,
        "serve_docker": 40, "warm": 95,
    },
    "tests/clients": {
        "clients": 300, "documented": 100, "documents": 100, "generated": 200, "pages": 150,
        "peers": 150, "states": 100,
    },
    "tests/engines": {"dask": 60},
}  # fmt: skip
"""Files, without `test_` and `.py`, and about how long each takes."""


def is_kept(test: str, part: str) -> bool:
    """Return whether a part holds a test.

    Args:
        test: its id, such as "tests/e2e/test_models.py::test_it".
        part: such as "2/20"; "1/1" holds all.

    Raises:
        ValueError: there is no such part.
    """
    number, _, count = part.partition("/")
    parts = int(count)
    if int(number) not in range(1, parts + 1):
        raise ValueError(f"{part} isn't a part such as 1/{count}")
    file = PurePosixPath(test.partition("::")[0])
    own: int | None = crc32(test.encode()) % parts
    if str(file.parent) in SECONDS:
        own = _files(parts).get(str(file))
    return own is None or own == int(number) - 1


@cache
def _files(parts: int) -> dict[str, int]:
    """Return the part of each file: the longest first, each to the part with the least to do."""
    known = {
        f"{folder}/test_{name}.py": seconds
        for folder, files in SECONDS.items()
        for name, seconds in files.items()
    }
    found, spent = {}, [0] * parts
    for file in sorted(known, key=lambda one: (-known[one], one)):
        found[file] = spent.index(min(spent))
        spent[found[file]] += known[file]
    return found


def main(part: str, *tests: str) -> int:
    """Return 0 if a part holds one of some tests, given by their ids or files; else 1.

    `python -m tests.support.parts 2/20 tests/models/test_skorch.py::test_it`.
    """
    return 0 if any(is_kept(one, part) for one in tests) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
