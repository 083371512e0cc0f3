"""How a response is compared with what was expected of it. Pure."""

from typing import Any

TOLERANCE = 1e-6
"""Numbers may differ by this much between two machines: of themselves above 1, absolutely below.

`golden.exact_differences` has the same rule; tests/support/answers.py holds the two together."""


def differences(expected: Any, found: Any, where: str = "$") -> list[str]:
    """Return where an answer isn't what was expected, as readable lines.

    Objects may have further keys; numbers may differ by `TOLERANCE`, but not whole ones: those may
    be labels.
    """
    match expected, found:
        case dict(), dict():
            lines = [f"{where}.{name} is missing" for name in expected if name not in found]
            for name in expected:
                if name in found:
                    lines += differences(expected[name], found[name], f"{where}.{name}")
            return lines
        case list(), list() if len(expected) == len(found):
            pairs = enumerate(zip(expected, found, strict=True))
            return [
                line
                for index, (one, other) in pairs
                for line in differences(one, other, f"{where}[{index}]")
            ]
        case (bool(), _) | (_, bool()):
            same = expected is found
        case (int(), int()):
            same = expected == found
        case ((int() | float()), (int() | float())):
            same = abs(expected - found) <= TOLERANCE * max(1.0, abs(expected))
        case _:
            same = expected == found
    return [] if same else [f"{where}: expected {expected!r}, got {found!r}"]
