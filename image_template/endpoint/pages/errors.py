"""The error responses that every predicting operation of the OpenAPI document has."""

from typing import Any

from endpoint.pages.schemas import reference

_DESCRIPTIONS = {
    "400": "There is no body, or it can't be parsed.",
    "413": "The body, its rows or the answer are too many.",
    "415": "The content type isn't taken.",
    "422": "The rows don't fit the model; row, column, expected and got are named.",
    "500": "The model failed; why is in the function's log.",
}


def error_responses() -> dict[str, Any]:
    """Return the responses by status, each a problem document."""
    content = {"application/problem+json": {"schema": reference("Problem")}}
    return {
        status: {"description": description, "content": content}
        for status, description in _DESCRIPTIONS.items()
    }
