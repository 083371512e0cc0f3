"""Loading the bundle where it knows nothing of the project: as the image will.

`replay_here` runs as `python -I -c`: the project's folder isn't on the path, and only what
the image will hold is.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.shipped import shipped

_PROGRAM = """
import json, pickle, sys
from pathlib import Path
task, absent = Path(sys.argv[1]), set(json.loads(sys.argv[2]))

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, str(task))
named = set()
find_class = pickle._Unpickler.find_class

def recorded(self, module, name):
    named.add(module)
    return find_class(self, module, name)

pickle._Unpickler.find_class = recorded
from endpoint.model import load
from endpoint.verify import verify
folder = task / "model"
model = load(folder)
predictions = model.predict(json.loads((folder / "inputs.json").read_text()))
known = (folder / "golden.json").exists()
problems = verify(model, folder)["problems"] if known else model.warnings
answer = {"predictions": predictions, "problems": problems, "modules": sorted(named)}
print(json.dumps(answer))
"""
_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
_MAIN = re.compile(r"module '__main__'|<module '__main__'")


@dataclass(frozen=True)
class Replayed:
    """What the clean process said; `modules` are those that the pickle names."""

    predictions: list[Any]
    problems: list[str]
    modules: list[str]


def stage_task(task: Path, root: Path, include: Iterable[str], bundle: Path) -> None:
    """Lay a folder out as the image's /var/task: endpoint, the user's files, the model."""
    shutil.copytree(shipped("image_template") / "endpoint", task / "endpoint")
    for name in include:
        source, place = root / name, task / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place)
        else:
            shutil.copy(source, place)
    shutil.copytree(bundle, task / "model")


class MissingModuleError(Exception):
    """The model needs a module that was kept out; `module` names it."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.module = module


def replay(task: Path, root: Path, absent: Iterable[str] = ()) -> Replayed:
    """Load the model in a clean process and answer the golden inputs.

    Args:
        task: a folder as `stage_task` lays it out.
        root: the project's, for advice.
        absent: top-level modules that are installed here and won't be in the image.

    Raises:
        MissingModuleError: where one of `absent` is needed after all.
        MldeployError: MLD220 where the pickle needs what the image won't have, MLD221 where
            loading or predicting fails otherwise, MLD222 where the answers differ.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-I", "-c", _PROGRAM, str(task), json.dumps(sorted(absent))],
        capture_output=True,
        text=True,
        check=False,
        cwd=task,
    )
    if done.returncode != 0:
        missing = _NO_MODULE.search(done.stderr)
        if missing and missing["name"].partition(".")[0] in set(absent):
            raise MissingModuleError(missing["name"].partition(".")[0])
        raise _explained(done.stderr, root)
    answer = json.loads(done.stdout.splitlines()[-1])
    found = Replayed(answer["predictions"], answer["problems"], answer["modules"])
    if found.problems:
        raise MldeployError(
            "MLD222",
            f"loaded again, the model says something else: {found.problems[0]}",
            "a model with random parts needs random_state; one that depends on the process "
            "(globals, the clock) can't be served",
            details=tuple(("difference", line) for line in found.problems[1:10]),
        )
    return found


def _explained(stderr: str, root: Path) -> MldeployError:
    last = stderr.strip().splitlines()[-1] if stderr.strip() else "no reason given"
    missing = _NO_MODULE.search(stderr)
    if _MAIN.search(stderr):
        return MldeployError(
            "MLD220",
            f"the model needs something that was defined in a script's __main__: {last}",
            "move it to a module of your own, import it from there, and add the module to "
            "[image] include",
        )
    if missing:
        name = missing["name"].split(".")[0]
        theirs = next((p for p in (f"{name}.py", name) if (root / p).exists()), None)
        hint = (
            f'[image] include = ["{theirs}"]'
            if theirs
            else f'[image] requirements = ["{missing["name"]}"], if it is a package'
        )
        return MldeployError(
            "MLD220", f"the model needs the module {missing['name']}, which is not in the image",
            hint,
        )  # fmt: skip
    return MldeployError(
        "MLD221",
        f"the saved model can't be loaded and asked: {last}",
        "it works in the process that trained it, so it depends on that process's state",
    )
