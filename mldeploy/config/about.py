"""What the pages and the OpenAPI document are told of the API: its title, and its functions.

A function knows its own model only. The configuration's part is in a variable, which belongs to a
stage; the other models' part is a file of the image (`mldeploy.images.others`).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from mldeploy.config.functions import FunctionConfig
from mldeploy.config.limits import require
from mldeploy.config.paths import SEPARATOR

VARIABLE = "MLDEPLOY_API"
"""The variable of functions with documents; JSON."""
_DOCUMENTS = {"/", "/docs", "/openapi.json"}
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 80, 500
"""Characters. Lambda accepts 4096 bytes of variables in total."""
_EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[!-~]*)?")


def documents(function: FunctionConfig) -> bool:
    """Return whether a function serves a page or a document about the API."""
    return not _DOCUMENTS.isdisjoint(function.paths)


def about(
    texts: Mapping[str, str], function: FunctionConfig, routes: Mapping[FunctionConfig, Any]
) -> str:
    """Return the variable of a function with documents.

    `functions` has the API's other functions by name: their routes, and the key of their model, or
    none if the handler is a user's. Every empty part is left out.

    Args:
        texts: title, description and contact.
        function: the one with documents.
        routes: the routes of each function of the project.
    """
    told: dict[str, Any] = {
        **texts,
        "name": function.name,
        "model": function.model,
        "functions": {
            one.name: _told(one, SEPARATOR.join(keys))
            for one, keys in routes.items()
            if keys and one.name != function.name
        },
    }
    kept = {key: value for key, value in told.items() if value}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def _told(function: FunctionConfig, routes: str) -> dict[str, Any]:
    found: dict[str, Any] = {"routes": routes}
    if function.custom:
        return found
    found["model"] = function.model
    if function.max_body != FunctionConfig.max_body:
        found["bytes"] = function.max_body
    if function.max_rows != FunctionConfig.max_rows:
        found["rows"] = function.max_rows
    return found


def a_title(value: str) -> str:
    """Check the title of the pages."""
    require(
        len(value) <= _LONGEST_TITLE and value.isprintable(),
        f"must be one line of up to {_LONGEST_TITLE} characters",
    )
    return value


def a_description(value: str) -> str:
    """Check the description of the pages."""
    require(
        len(value) <= _LONGEST_DESCRIPTION and value.replace("\n", "").isprintable(),
        f"must be a text of up to {_LONGEST_DESCRIPTION} characters",
    )
    return value


def a_contact(value: str) -> str:
    """Check the contact on the pages."""
    require(
        not value or _EMAIL.fullmatch(value) or _URL.fullmatch(value),
        "must be an email address or a URL, such as ml@example.com",
    )
    return value
