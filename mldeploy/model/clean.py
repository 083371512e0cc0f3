"""The clean process, run by its path: it may import nothing of mldeploy, as the image can't.

Only the standard library, what pip installed and the image's own folder can be imported, less
the modules that the image won't have. In a checkout or with editable installs more would be.
"""

import json
import os
import pickle
import site
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any


def main() -> None:
    """Do as the request says, and write the answer into its file."""
    request = json.loads(sys.argv[1])
    restrict(Path(request["task"]), set(request["absent"]))
    named = _recorded()
    os.environ["LAMBDA_TASK_ROOT"] = request["task"]
    from endpoint.deferred import used  # type: ignore[import-not-found,unused-ignore]
    from endpoint.handler import MODEL, handle  # type: ignore[import-not-found,unused-ignore]

    found = handle({"mldeploy": "verify"}, None)
    answer = {
        "predictions": found["predictions"],
        "problems": found["problems"],
        "modules": sorted(named),
        "used": used(MODEL.facts["model"].get("deferred", ())),
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    Path(request["answer"]).write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")


def restrict(task: Path, absent: set[str]) -> None:
    """Leave on the path what the image will have; `mldeploy.local.worker` does so too."""
    packages = {*site.getsitepackages(), site.getusersitepackages()}
    prefixes = {sys.base_prefix, sys.base_exec_prefix}
    kept = [
        entry
        for entry in sys.path
        if entry in packages or any(Path(entry).is_relative_to(one) for one in prefixes)
    ]
    sys.path[:] = [str(task), *kept]

    class Present(PathFinder):
        """Finds modules by the path, but for those of distributions that won't be there."""

        @classmethod
        def find_spec(
            cls, fullname: str, path: Any = None, target: Any = None
        ) -> ModuleSpec | None:
            """Find nothing under an absent name, as where it isn't installed."""
            if fullname.partition(".")[0] in absent:
                return None
            return super().find_spec(fullname, path, target)

    # Editable installs bring finders of their own; those of the interpreter stay.
    own = [one for one in sys.meta_path if getattr(one, "__module__", "").startswith("_frozen_")]
    sys.meta_path[:] = [Present if one is PathFinder else one for one in own]


def _recorded() -> set[str]:
    """Return a set that fills with the modules that unpickling names."""
    named: set[str] = set()
    # joblib's unpickler is a subclass of this one and calls its method.
    unpickler: Any = pickle._Unpickler  # noqa: SLF001
    find_class = unpickler.find_class

    def recorded(self: Any, module: str, name: str) -> Any:
        named.add(module)
        return find_class(self, module, name)

    unpickler.find_class = recorded
    return named


if __name__ == "__main__":
    main()
