"""Run a client's script on all models."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients import environments
from tests.clients.catalogue import Script

_SCRIPTS = environments.HERE / "scripts"
_SECONDS = 1200
"""Much more than it takes: in CI other tests have the processors first."""
OWN = "browser"
"""The environment of the tests themselves, which has selenium."""

Answers = dict[str, dict[str, dict[str, Any]]]


def why_not(script: Script) -> str | None:
    """Return why a script can't run on this machine, or None."""
    absent = [one for one in script.programs if shutil.which(one) is None]
    if absent:
        return f"there is no {absent[0]} (Debian: {script.programs[absent[0]]})"
    return None if script.environment == OWN else environments.missing(script.environment)


def answers(script: Script, job: dict[str, Any], scratch: Path) -> Answers:
    """Return the answers of all of a script's clients; what it said goes to `scratch`."""
    scratch.mkdir()
    name = script.environment
    program = sys.executable if name == OWN else str(environments.python_of(name))
    if script.file.endswith(".mjs"):
        program = str(environments.python_of(name).with_name("node"))
    modules = environments.node_modules()
    path = os.environ["PATH"] if name == OWN else environments.path_with(name)
    # A proxy of the machine's own isn't for loopback.
    local = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    with (scratch / "stderr.txt").open("w") as stderr:
        done = subprocess.run(
            [program, str(_SCRIPTS / script.file)],
            input=json.dumps({**job, "scratch": str(scratch), "node": str(modules)}),
            env={**os.environ, **local, "PYTHONPATH": "", "PATH": path},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    if done.returncode:
        said = (scratch / "stderr.txt").read_text()[-1500:]
        raise RuntimeError(f"{script.file} ended with {done.returncode}:\n{said}")
    found: Answers = json.loads(done.stdout)
    return found
