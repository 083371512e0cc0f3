"""Stand-ins for the generators of clients, for tests without a network.

tests/clients/test_generated.py runs the real ones.
"""

import os
import sys
from pathlib import Path

import pytest

_PYTHON = """\
import json, pathlib, sys
if "--version" in sys.argv:
    print("openapi-python-client version: 0.29.9")
    sys.exit()
document = json.load(open("openapi.json"))
if "x-broken" in document:
    sys.exit("can't read x-broken")
package = pathlib.Path("client", json.load(open("settings.json"))["package_name_override"])
(package / "models").mkdir(parents=True)
(package / "models/__init__.py").write_text("from .one_row import OneRow\\n")
(package / "openapi.json").write_text(json.dumps(document))
(package / "api/predictions").mkdir(parents=True)
operation = '"method": "post", "url": "/predict"'
(package / "api/predictions/predict.py").write_text(operation)
"""
_TYPESCRIPT = """\
import json, pathlib, sys
if "--version" in sys.argv:
    print("0.94.1")
    sys.exit()
pathlib.Path("client").mkdir()
pathlib.Path("client/index.ts").touch()
call = "export const predict = () => client.post<A>({\\n    url: '/predict'\\n});"
pathlib.Path("client/sdk.gen.ts").write_text(call)
"""


def write_program(file: Path, text: str) -> None:
    """Write a program in Python."""
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o755)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, node: str = "v20.19.0") -> None:
    """Put generators and a Node.js of this version before PATH."""
    folder.mkdir()
    write_program(folder / "openapi-python-client", _PYTHON)
    write_program(folder / "openapi-ts", _TYPESCRIPT)
    write_program(folder / "node", f"print({node!r})")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
