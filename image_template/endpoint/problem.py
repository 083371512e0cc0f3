"""Problem documents (RFC 9457) for requests that can't be answered."""

from http import HTTPStatus
from typing import Any


class ProblemError(Exception):
    """An invalid request.

    Attributes:
        status: HTTP status, 400 to 499.
        detail: one sentence for people.
        errors: one object per finding, for programs.
    """

    def __init__(
        self, status: int, detail: str, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []

    def body(self) -> dict[str, Any]:
        """Return the problem document."""
        document = problem(self.status, self.detail)
        return {**document, "errors": self.errors} if self.errors else document


def problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem document. With `type` about:blank, `title` is the name of the status."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def kind_of(value: Any) -> str:
    """Return the JSON type of a value, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
