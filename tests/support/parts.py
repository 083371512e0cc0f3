"""Which tests `--part 2/3` keeps. CI spreads its long suites over three commits.

Most tests go by their ids. The files of the folders below stay whole, because their tests share
containers or servers that take long to start. A file that isn't named here is kept in every part.
"""

from pathlib import PurePosixPath
from zlib import crc32

PARTS = 3
GROUPS: dict[str, tuple[str, str, str]] = {
    "tests/e2e": (
        "engine_faults fuzz gateway_parity models page pruning",
        "batch direct embedded engine_killed import report_page second_engine secrets",
        """cold_start engine_311 invoke_local iris_validate lambda_rules large_model podman
        serve_docker warm""",
    ),
    "tests/clients": ("clients documented", "generated pages peers", "documents states"),
    "tests/engines": ("", "", "dask"),
}
"""Files by part, without `test_` and `.py`. Each part takes about as long as the others."""


def is_kept(test: str, part: str) -> bool:
    """Return whether a part holds a test.

    Args:
        test: its id, such as "tests/e2e/test_models.py::test_it".
        part: such as "2/3"; "1/1" holds all.

    Raises:
        ValueError: the part isn't one of three.
    """
    number, _, parts = part.partition("/")
    if part == "1/1":
        return True
    if int(parts) != PARTS or int(number) not in range(1, PARTS + 1):
        raise ValueError(f"{part} isn't one of 1/1, 1/3, 2/3 and 3/3")
    file = PurePosixPath(test.partition("::")[0])
    groups = GROUPS.get(str(file.parent))
    if groups is None:
        return crc32(test.encode()) % PARTS == int(number) - 1
    name = file.stem.removeprefix("test_")
    grouped = [name in group.split() for group in groups]
    return grouped[int(number) - 1] or not any(grouped)
