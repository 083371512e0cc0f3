"""An environment's process, run by its path: AWS's runtime client with the image's modules.

As in training's clean process, neither mldeploy nor modules missing in the image can be imported.
"""

import json
import os
import runpy
import sys
import traceback
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any


def main() -> None:
    """Run the handler in the request until the process is ended."""
    request = json.loads(sys.argv[1])
    task = Path(request["task"])
    runpy.run_path(request["clean"])["restrict"](task, set(request["absent"]))
    _watch(request["handler"].rpartition(".")[0], task, Path(request["crash"]))
    _keep_the_path()
    from awslambdaric.__main__ import main as run

    run(["awslambdaric", request["handler"]])


def _keep_the_path() -> None:
    """Make the client's Python part use the path in AWS_LAMBDA_RUNTIME_API, as its C++ part does.

    It reports failed starts, and its connection supports only a host and a port
    (awslambdaric/lambda_runtime_client.py, call_rapid).
    """
    from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient

    host, _, path = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    bare = BaseLambdaRuntimeClient.call_rapid

    def call_rapid(self: Any, method: str, endpoint: str, *more: Any, **named: Any) -> None:
        self.lambda_runtime_address = host
        bare(self, method, f"/{path}{endpoint}", *more, **named)

    BaseLambdaRuntimeClient.call_rapid = call_rapid


def _watch(name: str, task: Path, crash: Path) -> None:
    """Record where the handler's module fails; the runtime client reports only some errors."""

    class Loader(SourceFileLoader):
        def exec_module(self, module: ModuleType) -> None:
            try:
                super().exec_module(module)
            except BaseException as error:
                crash.write_text(json.dumps(_told(error, task)), encoding="utf-8")
                raise

    class Finder(PathFinder):
        @classmethod
        def find_spec(
            cls, fullname: str, path: Any = None, target: Any = None
        ) -> ModuleSpec | None:
            spec = super().find_spec(fullname, path, target) if fullname == name else None
            if spec is not None and spec.origin is not None:
                spec.loader = Loader(fullname, spec.origin)
            return spec

    sys.meta_path.insert(0, Finder)


def _told(error: BaseException, task: Path) -> dict[str, Any]:
    """Return the error, and the lines of the user's files in its traceback."""
    trace = traceback.extract_tb(error.__traceback__)
    frames = [(one.filename, one.lineno, one.line) for one in trace]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno, (error.text or "").strip()))
    inside = [
        f"{Path(file).relative_to(task)}:{line}  {code}"
        for file, line, code in frames
        if Path(file).is_relative_to(task)
    ]
    theirs = [one for one in inside if not one.startswith("endpoint/")]
    return {"error": f"{type(error).__name__}: {error}", "frames": theirs or inside}


if __name__ == "__main__":
    main()
