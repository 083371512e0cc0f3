"""The result of `serve`: the base URL, and one URL per function."""

from dataclasses import dataclass, field

from mldeploy.config import Config
from mldeploy.config.paths import OTHER_PATHS
from mldeploy.text.data import HIDDEN


@dataclass(frozen=True)
class ServedFunction:
    """A served function.

    Attributes:
        name: its name in the file.
        route: such as "POST /predict".
        url: of that route.
    """

    name: str
    route: str
    url: str


@dataclass(frozen=True)
class Served:
    """A project served on this machine.

    Attributes:
        url: of the API.
        functions: in the order of the file.
        routes: (function, method, URL) of every route.
        auth: the configured authorization, which isn't checked here.
    """

    url: str
    functions: tuple[ServedFunction, ...]
    routes: tuple[tuple[str, str, str], ...] = field(metadata=HIDDEN)
    auth: str = field(metadata=HIDDEN)


def served(settings: Config, base: str) -> Served:
    """Return the functions and routes at a base URL."""
    return Served(
        base,
        tuple(
            ServedFunction(one.name, one.route, base + _path(one.route)) for one in settings.listed
        ),
        tuple(
            (one.name, key.partition(" ")[0], base + _path(key))
            for one in settings.listed
            for key in settings.routes(one)
            if key not in OTHER_PATHS
        ),
        settings.api.auth,
    )


def _path(route: str) -> str:
    return route.partition(" ")[2] or "/"
