"""The one error type that reaches a user, and the exit codes.

Codes are stable: MLD1xx usage and configuration, MLD2xx training and the bundle,
MLD3xx Docker and images, MLD4xx AWS, MLD5xx checks of what was deployed,
MLD6xx what runs on this machine and batch jobs, MLD9xx the program itself.
"""

import errno
import os
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the process."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    CHANGES_PENDING = 3
    PERMISSION = 4
    DOCKER = 5
    SMOKE_TEST = 6
    INTERRUPTED = 130


class MldeployError(Exception):
    """An error that the user can fix.

    Attributes:
        code: stable, such as "MLD101".
        message: what happened, and why, in one sentence; more lines may follow.
        hint: what to do next.
        exit_code: the process's exit code.
        details: further lines of (label, text), such as ("cause", "...").
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        details: tuple[tuple[str, str], ...] = (),
        exit_code: ExitCode | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details
        self.exit_code = exit_code if exit_code is not None else exit_code_of(code)

    def __reduce__(self) -> tuple[type["MldeployError"], tuple[str, str, str], dict[str, object]]:
        """Survive a trip between processes."""
        return type(self), (self.code, self.message, self.hint), self.__dict__


def exit_code_of(code: str) -> ExitCode:
    """Return the exit code of a family of error codes."""
    match code[:4]:
        case "MLD1":
            return ExitCode.USAGE
        case "MLD3":
            return ExitCode.DOCKER
        case "MLD5":
            return ExitCode.SMOKE_TEST
        case _:
            return ExitCode.FAILURE


_FULL = (errno.ENOSPC, errno.EDQUOT)


def disk_full(error: BaseException) -> MldeployError | None:
    """Return the error to show if the cause is a full disk or quota, else None."""
    text = str(error)
    # shutil's error for a folder has no errno, only the texts of its files' errors.
    full = [one for one in _FULL if os.strerror(one) in text or getattr(error, "errno", 0) == one]
    if not full or not isinstance(error, OSError):
        return None
    name = f": {error.filename}" if error.filename else ""
    where = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - it is named, not written to
    return MldeployError(
        "MLD620",
        f"this machine's disk is full: {os.strerror(full[0])}{name}",
        f"free disk space in the project's folder and in {where}, or set TMPDIR to another "
        "folder; then run the same command again",
    )
