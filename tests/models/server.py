"""`python -m tests.models.server`: imports the libraries once, and forks for each line.

It reads a request per line of standard input and answers each with a line of JSON.
"""

import contextlib
import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from tests.models import broken, harness
from tests.models.line import Line

SECONDS = 120
"""For a process of a line."""


def run(line: Line, folder: Path, mutant: str = "") -> dict[str, Any]:
    """Return {"requests", "responses"}, {"refused"} or {"crash"} of a line."""
    trained = _forked(
        folder / "trained.json",
        lambda: broken.in_training(mutant, lambda: harness.train_and_ask(line, folder)),
    )
    if trained.keys() & {"refused", "crash"} or not trained["requests"]:
        return trained
    answered = _forked(
        folder / "answered.json",
        lambda: {
            "responses": broken.in_serving(
                mutant, lambda: harness.load_and_answer(folder, trained["requests"])
            )
        },
    )
    return {**trained, **answered}


def _forked(place: Path, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do work in a fork, and return what it left in a file."""
    process = os.fork()
    if process == 0:
        _child(place, work)
    _, status = os.waitpid(process, 0)
    if not place.exists():
        log = place.with_suffix(".log").read_text(errors="replace")[-1500:]
        return {"crash": f"the process ended with {os.waitstatus_to_exitcode(status)}: {log}"}
    return dict(json.loads(place.read_text(encoding="utf-8")))


def _child(place: Path, work: Callable[[], dict[str, Any]]) -> None:
    log = os.open(place.with_suffix(".log"), os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    signal.alarm(SECONDS)
    try:
        with contextlib.suppress(BrokenPipeError):
            found = work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the line fails with it
        found = {"crash": harness.told(error)}
    place.write_text(json.dumps(found), encoding="utf-8")
    os._exit(0)


def main() -> None:
    """Answer requests until standard input ends."""
    warnings.simplefilter("ignore")
    from tests.models.matrix import LINES
    from tests.models.selftest_lines import SELF_TEST

    own: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lines = {**LINES, **SELF_TEST}
    for text in sys.stdin:
        asked = json.loads(text)
        started = time.monotonic()
        found = run(lines[asked["line"]], Path(asked["folder"]), asked["mutant"])
        found["seconds"] = time.monotonic() - started
        own.write(json.dumps(found) + "\n")
        own.flush()


if __name__ == "__main__":
    main()
