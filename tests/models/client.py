"""The fork server from the tests' side, and what becomes of a line."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.models.harness import ROOT
from tests.models.judging import problems
from tests.models.line import Line

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Outcome:
    """What became of a line.

    Attributes:
        kind: "exact", "clear refusal", or "anything else".
        said: how many requests were answered, the refusal, or what is wrong.
        requests: how many were sent.
    """

    kind: str
    said: str
    requests: int = 0


class Server:
    """A process that has imported the libraries, and forks for each line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.server"],
            cwd=ROOT,
            env={**os.environ, **_ONE_THREAD, "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, mutant: str = "") -> dict[str, Any]:
        """Return what the processes of a line left: see `server.run`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="mldeploy-models-") as folder:
            asked = {"line": name, "folder": folder, "mutant": mutant}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def outcome_of(line: Line, found: dict[str, Any]) -> Outcome:
    """Tell an exact model from a refused one, and both from what must not be."""
    if "crash" in found:
        return Outcome("anything else", found["crash"])
    if "refused" in found:
        refused = found["refused"]
        return _judged(line, refused["code"], refused["message"])
    requests, responses = found["requests"], found.get("responses", [])
    statuses = Counter(one["status"] for one in responses)
    if line.refusal and line.refusal[0] == "422" and set(statuses) == {422}:
        return _judged(line, "422", " | ".join(one["body"]["detail"] for one in responses))
    wrong = [
        f"{request['what']}: {problem}"
        for request, response in zip(requests, responses, strict=True)
        for problem in problems(request, response, line.noise)
    ]
    wrong += [f"golden answers: {problem}" for problem in found.get("golden", ())]
    if wrong:
        return Outcome("anything else", f"{len(wrong)} problems:\n  " + "\n  ".join(wrong[:6]))
    if line.refusal:
        return Outcome("anything else", f"taken, but {line.refusal} was expected")
    return Outcome("exact", f"{len(requests)} requests", len(requests))


def _judged(line: Line, code: str, message: str) -> Outcome:
    said = f"{code}: {message}"
    if line.refusal is None:
        return Outcome("anything else", f"refused, {said}")
    expected, word = line.refusal
    if code.startswith(expected) and word.lower() in message.lower():
        return Outcome("clear refusal", said)
    return Outcome("anything else", f"{line.refusal} was expected, got {said}")
