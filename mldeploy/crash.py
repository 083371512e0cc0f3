"""An unexpected error: the traceback goes to a file, a sentence to the user."""

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from mldeploy import __version__
from mldeploy.errors import MldeployError
from mldeploy.redact import redact


def unexpected(error: BaseException) -> MldeployError:
    """Write the traceback to a log file and return what to tell the user.

    The file holds code lines and messages, never the values of variables.
    """
    said = redact(" ".join(str(error).split()), foreign=True)
    return MldeployError(
        "MLD900",
        f"unexpected {type(error).__name__}: {said[:300]}",
        "this is a bug in mldeploy; please report it with the log file",
        details=(("log", str(_write(error))),),
    )


def _write(error: BaseException) -> Path:
    folder = Path(os.environ.get("MLDEPLOY_LOG_DIR") or Path(tempfile.gettempdir()) / "mldeploy")
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"error-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    lines = traceback.format_exception(error)
    head = f"mldeploy {__version__}, Python {sys.version.split()[0]}, {now.isoformat()}\n\n"
    text = redact(head + "".join(lines), foreign=True)
    # A file's name may hold bytes that aren't UTF-8.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    path.chmod(0o600)
    return path
