"""How a response is compared with what was expected of it. Pure."""

from typing import Any

TOLERANCE = 1e-6
"""Tolerance of numbers between two machines: relative above 1, absolute below.

`golden.exact_differences` has the same rule; tests/support/answers.py compares the two."""


def differences(expected: Any, found: Any, where: str = "$") -> list[str]:
    """Return the differences from an expected response, as readable lines.

    Objects may have additional keys. Numbers may differ by `TOLERANCE`, except integers, which may
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
