"""Unexpected errors: writes the traceback to a file and shows one sentence."""

import os
import secrets
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from mldeploy import __version__
from mldeploy.errors import MldeployError
from mldeploy.files.places import private, state_home, write_new
from mldeploy.text.redact import redact


def unexpected(error: BaseException) -> MldeployError:
    """Write the traceback to a log file and return the error to show.

    The file contains code lines and messages, but no values of variables.
    """
    said = redact(" ".join(str(error).split()), foreign=True)
    return MldeployError(
        "MLD900",
        f"unexpected {type(error).__name__}: {said[:300]}",
        "this is a bug in mldeploy; please report it with the log file",
        details=(("log", str(_write(error))),),
    )


def _write(error: BaseException) -> Path:
    now = datetime.now(UTC)
    path = _folder() / f"error-{now:%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(4)}.log"
    lines = traceback.format_exception(error)
    head = f"mldeploy {__version__}, Python {sys.version.split()[0]}, {now.isoformat()}\n\n"
    write_new(path, redact(head + "".join(lines), foreign=True))
    return path


def _folder() -> Path:
    # Not a predictable name in /tmp: other users could create a link there.
    chosen = os.environ.get("MLDEPLOY_LOG_DIR")
    if chosen:
        folder = Path(chosen)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    try:
        return private(state_home() / "errors")
    except (OSError, RuntimeError):  # no home, or a read-only one
        return Path(tempfile.mkdtemp(prefix="mldeploy-"))
