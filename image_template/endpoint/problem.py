"""Problem documents (RFC 9457) for requests that can't be answered."""

from http import HTTPStatus
from typing import Any

Finding = dict[str, Any]
_SHOWN = 40


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


def finding(row: int, expected: str, got: str, column: str | None = None) -> Finding:
    """Return what is wrong with a row or with a value of it."""
    where = {"row": row} if column is None else {"row": row, "column": column}
    return {**where, "expected": expected, "got": got}


def shown(value: Any) -> str:
    """Return a short text of a value for a message; integers are never written out."""
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case float():
            return repr(value)
        case str():
            return repr(cut(value))
        case _:
            return kind_of(value)


def cut(text: str) -> str:
    """Return a client's text for a message, shortened and valid as UTF-8."""
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return short.encode("utf-8", "replace").decode()
