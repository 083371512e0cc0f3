"""A TypeScript client on `fetch`, made by @hey-api/openapi-ts, which npx fetches.

Source: https://heyapi.dev/openapi-ts/configuration ("output", "importFileExtension").
"""

import json
import re
import shutil
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.invoke.clients.calling import Call
from mldeploy.invoke.clients.document import Document
from mldeploy.invoke.clients.programs import Program, failed, not_installed, version_of

_NAME, _VERSION = "@hey-api/openapi-ts", "0.94.0"
_TYPESCRIPT = "5.9.3"
"""The generator takes any newer one, too, but TypeScript 7 has no such interface."""
_NODE = (20, 19, 0)
"""The oldest Node.js of this version (`engines` in its package.json)."""
_NPM_SAYS = re.compile(r"^npm (error|ERR!)", re.MULTILINE)


def generator() -> Program:
    """Return the generator: the one on PATH if its minor version is known, or npx's.

    Raises:
        MldeployError: MLD621 without a Node.js that can run it.
    """
    _require_node()
    found = shutil.which("openapi-ts")
    version = version_of(found) if found else ""
    if found and version.rpartition(".")[0] == _VERSION.rpartition(".")[0]:
        return Program((found,), f"{_NAME} {version}")
    npx = shutil.which("npx")
    if npx is None:
        raise _no_node("npx isn't on PATH")
    packages = (f"typescript@{_TYPESCRIPT}", f"{_NAME}@{_VERSION}")
    named = (f"--package={one}" for one in packages)
    command = (npx, "--yes", "--prefer-offline", *named, "--", "openapi-ts")
    return Program(command, f"{_NAME} {_VERSION}")


def _require_node() -> None:
    program = shutil.which("node")
    if program is None:
        raise _no_node("Node.js isn't on PATH")
    version = version_of(program)
    if tuple(map(int, version.split(".") if version else ())) < _NODE:
        raise _no_node(f"Node.js {version} is too old for {_NAME} {_VERSION}")


def _no_node(why: str) -> MldeployError:
    needed = ".".join(map(str, _NODE[:2]))
    return MldeployError(
        "MLD621",
        f"the generator of TypeScript clients can't run: {why}",
        f"install Node.js {needed} or newer with npm, then run the command again; "
        "`mldeploy client python` doesn't need it",
    )


def generate(program: Program, document: Document, scratch: Path) -> Path:
    """Make the modules of a client, and return their folder.

    Args:
        program: the generator.
        document: of the API.
        scratch: an empty folder.

    Raises:
        MldeployError: MLD622 if npx can't fetch the generator, MLD623 if it fails.
    """
    (scratch / "openapi.json").write_text(json.dumps(document.content), encoding="utf-8")
    # With the extension, Node.js itself and bundlers find the modules.
    output = {"path": "client", "importFileExtension": ".js"}
    settings = json.dumps({"input": "openapi.json", "output": output})
    (scratch / "settings.mjs").write_text(f"export default {settings};\n", encoding="utf-8")
    done = program.run("-f", "settings.mjs", "--no-log-file", folder=scratch)
    if done.returncode and _NPM_SAYS.search(done.stderr):
        raise not_installed(program.name, done)
    if done.returncode or not (scratch / "client/index.ts").exists():
        raise failed(program.name, done)
    return scratch / "client"


def lines(call: Call, document: Document, folder: Path, shown: str) -> tuple[str, ...]:
    """Return the lines that call the model, or none if the client has no such function.

    Args:
        call: what to send.
        document: of the API.
        folder: of the client.
        shown: its path in an import.
    """
    text = (folder / "sdk.gen.ts").read_text(encoding="utf-8")
    asked = rf"^export const (\w+) = .*\.post<[^;]*?url: '{re.escape(call.path)}'"
    found = re.search(asked, text, re.MULTILINE)
    if found is None:
        return ()
    token = ', auth: "TOKEN"' if document.auth == "jwt" else ""
    body = json.dumps(call.example, ensure_ascii=False)
    sent = f"{{ baseUrl: {json.dumps(document.base)}{token}, body: {body} }}"
    return (
        f"import {{ {found[1]} }} from {json.dumps(shown + '/index.js')};",
        f"const {{ data, error }} = await {found[1]}({sent});",
        "console.log(data ?? error);",
    )
