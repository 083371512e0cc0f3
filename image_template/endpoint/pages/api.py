"""The API that the pages and the OpenAPI document describe: its title, and all of its functions.

The variable MLDEPLOY_API has what the configuration says, others.json the other models' columns.
"""

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from endpoint.event import MOST_BYTES
from endpoint.rows import MOST_ROWS
from endpoint.service import Service

_OTHERS = Path(__file__).parents[1] / "others.json"


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the API.

    Attributes:
        name: of its table in the configuration.
        routes: those that it serves, that of predictions first.
        facts: of its model; None for a handler of the user, or if nothing is known of the model.
        most_rows: the most rows of a request.
        most_bytes: the largest body of a request.
        identity: release, version and SHA-256; only the function that responds knows its own.
    """

    name: str
    routes: tuple[str, ...]
    facts: dict[str, Any] | None = None
    most_rows: int = MOST_ROWS
    most_bytes: int = MOST_BYTES
    identity: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether it is the function that responds."""
        return bool(self.identity)


@dataclass(frozen=True, eq=False)
class Api:
    """An API.

    Attributes:
        title: of its pages.
        description: "" without one.
        contact: an email address, a URL, or "".
        functions: the one that responds first.
    """

    title: str
    description: str
    contact: str
    functions: tuple[Function, ...]

    @property
    def own(self) -> Function:
        """The function that responds."""
        return self.functions[0]

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes of all functions."""
        return tuple(route for one in self.functions for route in one.routes)


@cache
def api_of(service: Service, routes: tuple[str, ...]) -> Api:
    """Return the API of the function that responds, from its own routes."""
    told = json.loads(os.environ.get("MLDEPLOY_API") or "{}")
    models = json.loads(_OTHERS.read_text(encoding="utf-8")) if _OTHERS.is_file() else {}
    models[told.get("model", "")] = service.model.facts
    own = Function(
        told.get("name", "predict"),
        routes,
        service.model.facts,
        service.most_rows,
        service.most_bytes,
        service.identity,
    )
    others = (
        Function(
            name,
            tuple(one["routes"].split("|")),
            models.get(one.get("model")),
            one.get("rows", MOST_ROWS),
            one.get("bytes", MOST_BYTES),
        )
        for name, one in told.get("functions", {}).items()
    )
    return Api(
        told.get("title", "Model"),
        told.get("description", ""),
        told.get("contact", ""),
        (own, *others),
    )
