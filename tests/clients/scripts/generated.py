"""A client that openapi-python-client generates from each endpoint's document."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from answers import Answer, Model, of_native, run


def _generate(url: str, folder: Path) -> ModuleType:
    """Generate a package from the document, as `openapi-python-client generate` does; import it."""
    programs = Path(sys.executable).parent
    file = folder / "openapi.json"
    file.write_text(json.dumps(httpx.get(f"{url}/openapi.json").raise_for_status().json()))
    name = f"client_{folder.name}"
    done = subprocess.run(
        (
            *(str(programs / "openapi-python-client"), "generate", "--meta", "none"),
            *("--path", str(file), "--output-path", str(folder / name)),
        ),
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"openapi-python-client: {done.stdout[-1500:]}{done.stderr[-500:]}")
    sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def _operation(package: ModuleType) -> ModuleType:
    """Return the module of the operation on /predict."""
    for file in sorted(Path(package.__path__[0]).glob("api/*/*.py")):
        if '"/predict"' in file.read_text(encoding="utf-8"):
            return importlib.import_module(f"{package.__name__}.api.{file.parent.name}.{file.stem}")
    raise RuntimeError("no operation on /predict was generated")


def _body_of(operation: ModuleType, rows: Any) -> Any:
    """Return the body of the class that has `instances`."""
    hint = typing.get_type_hints(operation.sync_detailed)["body"]
    for one in typing.get_args(hint) or (hint,):
        if "instances" in getattr(one, "__annotations__", {}):
            return one.from_dict({"instances": rows})
    raise RuntimeError(f"no class for a body of instances: {hint}")


def openapi_python_client(model: Model) -> Answer:
    """`predict.sync_detailed(client=client, body=body)`."""
    with tempfile.TemporaryDirectory(prefix="m") as folder:
        package = _generate(model["url"], Path(folder))
        operation = _operation(package)
        client = package.Client(base_url=model["url"])
        body = _body_of(operation, model["rows"])
        response = operation.sync_detailed(client=client, body=body)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code}: {response.content!r}")
        return of_native(response.parsed.to_dict())


run({"openapi-python-client": openapi_python_client})
