"""Runs the user's code in a child process; contains both the parent's and the child's side.

The child isolates side effects of the user's code. It writes events to its standard output, one
JSON line each, and its outcome, facts or an error, to a file.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Any, TypeVar

from mldeploy.errors import ExitCode, MldeployError, disk_full
from mldeploy.events import Emit, Event, Failed, Finished, Note, Progress, Started

Request = TypeVar("Request")
_OUTCOME = "outcome.json"
_LAST_EVENTS = 5.0
"""Seconds. A process that the training left behind may hold the pipe open."""


@dataclass(frozen=True)
class Checked:
    """Told before the fit. `modules`: those that the unfitted estimator's pickle names."""

    modules: tuple[str, ...]


Tell = Callable[[Event | Checked], None]
_EVENTS = {one.__name__: one for one in (Started, Progress, Finished, Failed, Note)}


def write_request(request: Any, path: Path) -> None:
    """Write a request, a dataclass, for a child."""
    path.write_text(json.dumps(asdict(request)), encoding="utf-8")


def in_child(
    module: str,
    request: Path,
    root: Path,
    emit: Emit,
    on_checked: Callable[[Checked, Callable[[], None]], None] | None = None,
) -> dict[str, Any]:
    """Run a module of mldeploy on a request in a child process, and return the facts.

    Args:
        module: with a `main` that calls `answer_request`.
        request: a file; the outcome is written next to it.
        root: the project's folder.
        emit: receives the child's events.
        on_checked: receives the child's findings before the fit, and a function that ends it.

    Raises:
        MldeployError: the child's error, or MLD205 without one; MLD620 if the disk was full.
    """
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        # -P: a user's file called json.py must not cause a failure.
        [sys.executable, "-P", "-m", module, str(request)],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
    )
    listener = Thread(target=_listen, args=(child, emit, on_checked), daemon=True)
    listener.start()
    try:
        child.wait()
    except BaseException:
        child.kill()
        child.wait()
        raise
    listener.join(_LAST_EVENTS)
    return _outcome(request.with_name(_OUTCOME), child.returncode)


def _listen(
    child: "subprocess.Popen[bytes]",
    emit: Emit,
    on_checked: Callable[[Checked, Callable[[], None]], None] | None,
) -> None:
    for line in child.stdout or ():
        event = _event_of(line)
        if not isinstance(event, Checked):
            emit(event)
        elif on_checked:
            on_checked(event, child.kill)


def _event_of(line: bytes) -> Event | Checked:
    name, values = json.loads(line)
    return Checked(tuple(values["modules"])) if name == "Checked" else _EVENTS[name](**values)


def _outcome(path: Path, code: int) -> dict[str, Any]:
    if not path.exists():
        raise disk_full(OSError(code, "")) or _died(code)
    found = json.loads(path.read_text(encoding="utf-8"))
    if "error" in found:
        raise _error_of(found["error"])
    return dict(found["facts"])


def _died(code: int) -> MldeployError:
    if code >= 0:
        message = f"the training process ended with exit code {code} and no result"
        return MldeployError("MLD205", message, "see its last lines above")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = "see its last lines above; compiled code of a library has probably crashed"
    if name == "SIGKILL":
        hint = "use fewer rows or a smaller model: the system has probably run out of memory"
    return MldeployError("MLD205", f"the training process was ended by {name}", hint)


def _error_of(found: dict[str, Any]) -> MldeployError:
    return MldeployError(
        found["code"],
        found["message"],
        found["hint"],
        details=tuple((label, text) for label, text in found["details"]),
        exit_code=ExitCode(found["exit_code"]),
    )


def answer_request(
    kind: Callable[..., Request], work: Callable[[Request, Tell], dict[str, Any]]
) -> int:
    """Process the request on the command line, and write facts or an error next to it."""
    path = Path(sys.argv[1])
    found = json.loads(path.read_text(encoding="utf-8"))
    outcome = _done(lambda: work(kind(**found), _teller(_own_stdout())))
    if outcome is None:
        return int(ExitCode.INTERRUPTED)  # the parent got the signal, too, and reports it
    path = path.with_name(_OUTCOME)
    try:
        path.write_text(json.dumps(outcome), encoding="utf-8")
    except OSError as error:  # the parent reads the number
        path.unlink(missing_ok=True)
        return error.errno or 1
    return 0


def _done(work: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Return facts or an error as data; None if the user interrupted it."""
    try:
        return {"facts": work()}
    except KeyboardInterrupt:
        return None
    except MldeployError as error:
        told = error
    except Exception as error:  # noqa: BLE001 - whatever it is, it arrives as what it is
        from mldeploy.files.crash import unexpected

        told = _lacking(error) or unexpected(error)
    return {"error": {**told.__dict__, "exit_code": int(told.exit_code)}}


def _lacking(error: Exception) -> MldeployError | None:
    """Return the error for a library that a model needs and that isn't installed here."""
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or name in {"", "mldeploy"}:
        return None
    return MldeployError(
        "MLD243",
        f"the model needs {name}, which isn't installed",
        f"pip install {name} into mldeploy's own environment",
    )


def _own_stdout() -> IO[str]:
    """Reserve standard output for events: output of the user's code goes to stderr."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return own


def _teller(stream: IO[str]) -> Tell:
    def tell(event: Event | Checked) -> None:
        stream.write(json.dumps([type(event).__name__, asdict(event)]) + "\n")
        stream.flush()

    return tell
