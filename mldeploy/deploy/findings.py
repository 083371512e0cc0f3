"""Findings of checks, as data: `plan` and `deploy` share checks and decide what stops them.

A check is a function from data to findings. It raises no errors and prints nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit, Note

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """A finding of a check.

    Attributes:
        severity: an error stops a command before it changes anything; a warning is printed.
        code: from docs/errors.md; "" for a warning without one.
        what: what is wrong and why, as in an error message.
        fix: what to do about it; "" if the message says so.
        details: further lines of (label, text).
        exit_code: of the process; None for the default of the code's family.
    """

    severity: Severity
    code: str
    what: str
    fix: str = ""
    details: tuple[tuple[str, str], ...] = ()
    exit_code: ExitCode | None = None

    @property
    def error(self) -> MldeployError:
        """The finding as the error that a command ends with."""
        return MldeployError(
            self.code, self.what, self.fix, details=self.details, exit_code=self.exit_code
        )


Findings = tuple[Finding, ...]


def require(findings: Iterable[Finding], emit: Emit | None = None) -> None:
    """Raise the first error among findings, and emit the warnings before it.

    Args:
        findings: in the order in which they matter.
        emit: receives the warnings before the first error; None drops them.

    Raises:
        MldeployError: for the first error.
    """
    for one in findings:
        if one.severity == "error":
            raise one.error
        if emit is not None:
            emit(Note(one.what, "warning"))
