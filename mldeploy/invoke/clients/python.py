"""A Python client: a package that pip installs, made by openapi-python-client.

Its Typer may differ from ours, so it gets an environment of its own, in the user's cache.

Source: https://github.com/openapi-generators/openapi-python-client (README, "Configuration").
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

from mldeploy.config import Config
from mldeploy.files.places import cache_home, private
from mldeploy.files.whole import alone
from mldeploy.invoke.clients.calling import Call
from mldeploy.invoke.clients.document import Document
from mldeploy.invoke.clients.programs import Program, failed, not_installed, run, version_of
from mldeploy.model.needs.installable import Index
from mldeploy.text.digests import digest_of

_NAME, _VERSION = "openapi-python-client", "0.29.1"
_LOCK = Path(__file__).with_name("openapi-python-client.txt")
"""Pinned by `make requirements`."""
_IMPORTED = re.compile(r"^from \.\w+ import (\w+)", re.MULTILINE)
_SAFE = re.compile(r"[a-z0-9]+")
_BIN = "Scripts" if os.name == "nt" else "bin"


def generator(config: Config) -> Program:
    """Return the generator: the one on PATH if its minor version is known, or our own.

    Raises:
        MldeployError: MLD622 if it can't be installed.
        OSError: the cache can't be written.
    """
    found = shutil.which(_NAME)
    version = version_of(found) if found else ""
    if found and version.rpartition(".")[0] == _VERSION.rpartition(".")[0]:
        # Its ruff is beside it, also if PATH has only a link to it.
        return Program((found,), f"{_NAME} {version}", Path(found).resolve().parent)
    folder = _installed(config)
    return Program((str(folder / _BIN / _NAME),), f"{_NAME} {_VERSION}", folder / _BIN)


def _installed(config: Config) -> Path:
    """Return the folder of the generator's environment, made once."""
    digest = digest_of(_LOCK.read_bytes() + sys.version.encode())[:16]
    home = private(private(cache_home()) / "generators")
    folder = home / f"{_NAME}-{_VERSION}-{digest}"
    with alone(folder):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
            _install(folder, config)
            (folder / "made").touch()
    return folder


def _install(folder: Path, config: Config) -> None:
    image = config.image
    bundle = Path(image.ca_bundle) if image.ca_bundle else None
    index = Index(image.index_url, image.insecure_index, bundle)
    # -P: the current folder's modules aren't ours.
    python = (sys.executable, "-P", "-m")
    pip = ("pip", "--python", str(folder / _BIN / "python"), "--disable-pip-version-check")
    install = ("install", "--no-input", "--quiet", "--require-hashes", "--only-binary=:all:")
    patience = ("--retries", "1", "--timeout", "10")
    for command in (
        (*python, "venv", "--without-pip", str(folder)),
        (*python, *pip, *install, *patience, "--requirement", str(_LOCK)),
    ):
        done = run(command, environ=index.environ())
        if done.returncode:
            raise not_installed(f"{_NAME} {_VERSION}", done)


def generate(program: Program, document: Document, name: str, scratch: Path) -> Path:
    """Make a package of a document, and return its folder.

    Args:
        program: the generator.
        document: of the API.
        name: the project's.
        scratch: an empty folder.

    Raises:
        MldeployError: MLD623 if the generator fails.
    """
    settings = {
        "project_name_override": f"{name}-client",
        "package_name_override": package_of(name),
        "package_version_override": _version(document),
    }
    (scratch / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    (scratch / "openapi.json").write_text(json.dumps(document.content), encoding="utf-8")
    done = program.run(
        *("generate", "--meta", "pdm", "--path", "openapi.json"),
        *("--config", "settings.json", "--output-path", "client"),
        folder=scratch,
    )
    if done.returncode:
        raise failed(program.name, done)
    shutil.rmtree(scratch / "client/.ruff_cache", ignore_errors=True)
    return scratch / "client"


def package_of(name: str) -> str:
    """Return the name by which the client of a project is imported."""
    package = f"{name.replace('-', '_')}_client"
    return package if package.isidentifier() else f"model_{package}"


def _version(document: Document) -> str:
    """Return a version with the release in it (version specifiers, "Local version identifiers")."""
    release = str(document.content.get("info", {}).get("version", ""))
    return f"0+{release}" if _SAFE.fullmatch(release) else "0"


def lines(call: Call, document: Document, folder: Path, name: str) -> tuple[str, ...]:
    """Return the lines that call the model, or none if the client has no such function."""
    package, operation = package_of(name), _operation(folder / package_of(name), call.path)
    models = (folder / package / "models/__init__.py").read_text(encoding="utf-8")
    names = {one.lower(): one for one in _IMPORTED.findall(models)}
    body = next((names[one.lower()] for one in call.schemas if one.lower() in names), "")
    if not operation or not body:
        return ()
    made, group, asked = "Client", *operation
    client = f"Client(base_url={json.dumps(document.base)})"
    if document.auth == "jwt":
        made, client = "AuthenticatedClient", f'Authenticated{client[:-1]}, token="TOKEN")'
    sent = f"models.{body}.from_dict({call.example!r})"
    return (
        f"from {package} import {made}, models",
        f"from {package}.api.{group} import {asked}",
        f"print({asked}.sync(client={client}, body={sent}))",
    )


def _operation(package: Path, path: str) -> tuple[str, str] | None:
    """Return the names of the group and the module that send a POST to a path."""
    for file in sorted(package.glob("api/*/*.py")):
        text = file.read_text(encoding="utf-8")
        if f'"url": {json.dumps(path)}' in text and '"method": "post"' in text:
            return file.parent.name, file.stem
    return None
