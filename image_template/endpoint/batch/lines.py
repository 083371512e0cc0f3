"""The lines of a file that belong to a range of its bytes.

A range owns the lines that begin in it. A line ends with the byte 0x0A, which is part of no other
character in UTF-8.
"""

from collections.abc import Callable, Iterator

Read = Callable[[int, int], bytes]
"""Returns the bytes of a file from a position up to another."""
_SEARCH = 1 << 16
_WINDOW = 1 << 22


def boundary(read: Read, size: int, at: int) -> int:
    """Return where the first line begins that begins at a position or after it."""
    if at <= 0:
        return 0
    start = at - 1
    while start < size:
        end = min(start + _SEARCH, size)
        found = read(start, end).find(b"\n")
        if found >= 0:
            return start + found + 1
        start = end
    return size


def blocks(read: Read, first: int, last: int, window: int = _WINDOW) -> Iterator[bytes]:
    """Yield whole lines, several at a time.

    Args:
        read: of the file.
        first: where the first line begins.
        last: where the last one ends.
        window: bytes that are read at once.
    """
    rest: list[bytes] = []
    for start in range(first, last, window):
        piece = read(start, min(start + window, last))
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join((*rest, piece[:cut]))
            rest = []
        rest.append(piece[cut:])
    if any(rest):
        yield b"".join(rest)
