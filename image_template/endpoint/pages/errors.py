"""The error responses of the operations that predict."""

from typing import Any

from endpoint.pages.schemas import reference

_DESCRIPTIONS = {
    "400": "The body is missing or can't be parsed.",
    "413": "The body, the row count or the response is too large.",
    "415": "Unsupported content type, content encoding or charset.",
    "422": "The rows don't fit the model; errors has row, column, expected and got.",
    "500": "The model failed; see the function's log.",
}


def error_responses(content_type: str = "application/problem+json") -> dict[str, Any]:
    """Return the responses by status, each a problem document."""
    content = {content_type: {"schema": reference("Problem")}}
    return {
        status: {"description": description, "content": content}
        for status, description in _DESCRIPTIONS.items()
    }
