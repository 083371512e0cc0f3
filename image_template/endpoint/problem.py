"""What a client did wrong, as RFC 9457 writes it."""

from http import HTTPStatus
from typing import Any


class ProblemError(Exception):
    """A request that can't be answered.

    Attributes:
        status: the HTTP status, 400 to 499.
        detail: one sentence for people.
        errors: further facts, one a finding.
    """

    def __init__(
        self, status: int, detail: str, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors or []

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        found = problem(self.status, self.detail)
        return {**found, "errors": self.errors} if self.errors else found


def problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem document; `type` is about:blank, so `title` is the status's own name."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def kind_of(value: Any) -> str:
    """Return what JSON calls a value, with its article."""
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
