"""Makes a client and puts it where the user wants it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from os.path import relpath
from pathlib import Path

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.files.scratch import Scratch
from mldeploy.files.whole import swap
from mldeploy.invoke.clients import python, typescript
from mldeploy.invoke.clients.calling import call_of
from mldeploy.invoke.clients.document import Document
from mldeploy.invoke.clients.programs import Program

MARK = ".mldeploy-client.json"
"""In the folder of a client: only a folder with it is replaced."""


class Language(StrEnum):
    """The language of a client."""

    PYTHON = "python"
    TYPESCRIPT = "typescript"


@dataclass(frozen=True)
class GeneratedClient:
    """A client that was written.

    Attributes:
        path: its folder.
        language: "python" or "typescript".
        generator: what made it, with its version.
        document: where the OpenAPI document was read.
        auth: who may call the API: "iam", "jwt" or "" for anyone.
        lines: code that calls the model; none if the document has no example.
    """

    path: str
    language: str
    generator: str
    document: str
    auth: str
    lines: tuple[str, ...]


def place_of(config: Config, language: Language, out: Path | None, *, overwrite: bool) -> Path:
    """Return the folder for a client: by default one below the project's `clients`.

    Raises:
        MldeployError: MLD128 if the folder contains anything, unless it is a client that may be
            overwritten.
    """
    place = out or Path(relpath(config.root / "clients" / language.value))
    try:
        there = any(place.iterdir()) if place.is_dir() else place.exists() or place.is_symlink()
    except OSError as error:
        raise _unusable(place, error) from error
    if there and not (overwrite and (place / MARK).is_file()):
        ours = (place / MARK).is_file()
        why = "contains a client" if ours else "isn't empty, and isn't a generated client"
        hint = "add --overwrite to replace it" if ours else "name another folder with --out"
        raise MldeployError("MLD128", f"{place} {why}", hint)
    return place


def _unusable(place: Path, error: OSError) -> MldeployError:
    return MldeployError(
        "MLD128", f"{place} can't be used: {error.strerror}", "name another folder with --out"
    )


def generator_of(language: Language, config: Config) -> Program:
    """Return the generator of a language, installed if needed.

    Raises:
        MldeployError: MLD621 without Node.js, MLD622 if the generator can't be installed.
    """
    return python.generator(config) if language is Language.PYTHON else typescript.generator()


def make_client(
    config: Config, language: Language, program: Program, document: Document, place: Path
) -> GeneratedClient:
    """Generate a client and put it into its folder; after a failure the old one is still there.

    Raises:
        MldeployError: MLD128 if the folder can't be written, MLD622 if the generator can't be
            fetched, MLD623 if it fails.
    """
    call = call_of(document.content)
    found: tuple[str, ...] = ()
    with Scratch() as scratch:
        if language is Language.PYTHON:
            made = python.generate(program, document, config.name, scratch)
            found = python.lines(call, document, made, config.name) if call else ()
        else:
            made = typescript.generate(program, document, scratch)
            found = typescript.lines(call, document, made, _imported(place)) if call else ()
        facts = {"language": language.value, "generator": program.name, "api": document.base}
        (made / MARK).write_text(json.dumps({"format": 1, **facts}) + "\n", encoding="utf-8")
        try:
            swap(made, place.resolve())
        except OSError as error:
            raise _unusable(place, error) from error
    return GeneratedClient(
        str(place), language.value, program.name, document.source, document.auth, found
    )


def _imported(place: Path) -> str:
    path = place.as_posix()
    return path if path.startswith(("/", ".")) else f"./{path}"
