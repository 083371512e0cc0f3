"""Selects the route of an HTTP API for a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from collections.abc import Iterable
from dataclasses import dataclass

DEFAULT = "$default"


@dataclass(frozen=True)
class Match:
    """A matching route. `parameters`: of its path, by name."""

    route: str
    parameters: tuple[tuple[str, str], ...] = ()


def select(routes: Iterable[str], method: str, path: str) -> Match | None:
    """Return the most specific matching route, or None.

    A full match takes precedence over one with a {name}, that over one with a {name+}, and all over
    $default; for equal paths, the method's route takes precedence over ANY. Repeated leading
    slashes count as one (as in ministack 1.5.33; undocumented).

    Args:
        routes: route keys.
        method: in upper case.
        path: decoded.
    """
    found = []
    path = "/" + path.lstrip("/")
    for route in routes:
        wanted, _, pattern = route.partition(" ")
        matched = _match(pattern, path) if wanted in {method, "ANY"} else None
        if matched is not None:
            rank, parameters = matched
            found.append(((*rank, wanted == "ANY"), Match(route, parameters)))
    if found:
        return min(found, key=lambda one: one[0])[1]
    return Match(DEFAULT) if DEFAULT in routes else None


def _match(pattern: str, path: str) -> tuple[tuple[int, ...], tuple[tuple[str, str], ...]] | None:
    """Return the rank of each part, and the parameters; None if the path doesn't match."""
    parts, rest = pattern[1:].split("/"), path[1:].split("/")
    rank, parameters = [], []
    for number, part in enumerate(parts):
        if part.endswith("+}"):
            value = "/".join(rest[number:])
            rank.append(2)
            parameters.append((part[1:-2], value))
            return (tuple(rank), tuple(parameters)) if value else None
        if number >= len(rest):
            return None
        if part.startswith("{"):
            if not rest[number]:
                return None
            rank.append(1)
            parameters.append((part[1:-1], rest[number]))
        elif part == rest[number]:
            rank.append(0)
        else:
            return None
    return (tuple(rank), tuple(parameters)) if len(parts) == len(rest) else None
