"""What checks find, as data: `plan` and `deploy` share the checks, and each decides what stops it.

A check is a function from data to findings. It raises nothing and shows nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit, Note

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """What a check has found.

    Attributes:
        severity: an error stops a command before anything is changed; a warning is shown.
        code: of docs/errors.md; "" for a warning that has none.
        what: it is, and why, as an error's message.
        fix: what to do about it; "" where the message says so.
        details: further lines of (label, text).
        exit_code: of the process; None for that of the code's family.
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
    """Go on only without errors; warnings are told.

    Args:
        findings: in the order in which they matter.
        emit: gets the warnings that come before the first error; None tells nobody.

    Raises:
        MldeployError: of the first error among the findings.
    """
    for one in findings:
        if one.severity == "error":
            raise one.error
        if emit is not None:
            emit(Note(one.what, "warning"))
