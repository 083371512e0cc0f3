"""Which processor the shared objects of a folder are for.

Source: the System V ABI, "ELF Header": 16 bytes of identification, then type and machine.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

_MAGIC = b"\x7fELF"
_LITTLE = 1
_MACHINES = {"amd64": 62, "arm64": 183}
"""EM_X86_64 and EM_AARCH64, by Docker's names."""
_HEADER = 20


def machine_of(path: Path) -> int | None:
    """Return the machine of an ELF file, None for any other file."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
    if len(head) < _HEADER or not head.startswith(_MAGIC):
        return None
    order = "<" if head[5] == _LITTLE else ">"
    return int(struct.unpack_from(f"{order}H", head, 18)[0])


def foreign_objects(folder: Path, architecture: str) -> Iterator[Path]:
    """Yield the ELF files below a folder that are for another processor.

    Args:
        folder: with all its folders.
        architecture: as Docker names it.
    """
    wanted = _MACHINES[architecture]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and machine_of(path) not in {None, wanted}:
            yield path
