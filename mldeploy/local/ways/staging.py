"""A copy of the image's files in /var/task, and the detection of changes."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mldeploy.config import Config
from mldeploy.config.about import documents
from mldeploy.config.requirement import bare, name_of
from mldeploy.files.included import walked
from mldeploy.files.shipped import shipped
from mldeploy.images.dockerfile import variables_in
from mldeploy.images.installed import unlike
from mldeploy.images.layout import DOCKERFILE, REQUIREMENTS, place_of, project_file
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.images.trees import copy_files
from mldeploy.model.bundle import FACTS, load_bundle
from mldeploy.model.needs.local_modules import tops
from mldeploy.model.needs.requirements import absent_modules, distributions_of

# Lambda's base images contain both, with their dependencies.
_OF_THE_BASE = ("boto3", "awslambdaric")


@dataclass(frozen=True)
class Staged:
    """A staged image.

    Attributes:
        folder: used as /var/task.
        fingerprint: the image's tag.
        variables: of the Dockerfile.
        absent: top-level modules that are installed here but not in the image.
        remarks: differences from the image.
    """

    folder: Path
    fingerprint: str
    variables: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def stage(spec: ImageSpec, folder: Path) -> Staged:
    """Copy an image's files.

    Args:
        spec: the image's recipe.
        folder: a new one.

    Raises:
        MldeployError: MLD312 if a file has changed since the fingerprint was computed.
    """
    variables: tuple[tuple[str, str], ...] = ()
    requirements: tuple[str, ...] = ()
    for name, content in spec.files:
        if name == DOCKERFILE and isinstance(content, Path):
            variables = tuple(variables_in(content.read_text(encoding="utf-8")))
        if name == REQUIREMENTS and isinstance(content, bytes):
            requirements = tuple(map(bare, content.decode().splitlines()))
    copy_files(spec, lambda name: folder if place_of(name) else None)
    remarks = tuple(_remarks(spec, requirements))
    theirs = tops(one for name, _ in spec.files if (one := project_file(name)))
    absent = tuple(name for name in _absent(requirements) if name not in theirs)
    return Staged(folder, spec.fingerprint, variables, absent, remarks)


@cache
def _absent(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """Return the installed modules missing in an image with these requirements; this is slow."""
    present = {name_of(line) for line in requirements if line}
    return tuple(absent_modules(present | set(distributions_of(_OF_THE_BASE))))


def recipe(config: Config) -> ImageSpec:
    """Return the recipe of a model's image.

    Raises:
        MldeployError: of reading the bundle, and of included files.
    """
    return image_spec(config, load_bundle(config.bundle))


def signs(config: Config) -> frozenset[tuple[str, int, int]]:
    """Return a value that changes whenever one of the image's files is written."""
    found = set()
    with suppress(OSError):  # a file was removed in between; the next check detects it
        for path in _watched(config):
            with suppress(OSError):
                facts = path.stat()
                found.add((str(path), facts.st_mtime_ns, facts.st_size))
    return frozenset(found)


def _watched(config: Config) -> Iterator[Path]:
    if config.bundle.is_dir():
        yield from config.bundle.rglob("*")
    if any(map(documents, config.functions)):
        yield from (config.of_model(one.model).bundle / FACTS for one in config.others)
    yield from (config.root / one.golden for one in config.functions if one.golden)
    yield from (config.root / name for name in config.included)
    yield from walked(config.root, config.included)


def _remarks(spec: ImageSpec, requirements: tuple[str, ...]) -> Iterator[str]:
    """Yield the differences between this process and the image."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running != spec.python:
        yield f"Python {running} runs here, but the image has {spec.python}"
    dockerfile = dict(spec.files)[DOCKERFILE]
    if isinstance(dockerfile, Path) and not dockerfile.is_relative_to(shipped("image_template")):
        yield f"only the COPY instructions of {dockerfile.name} are applied here"
    yield from unlike(requirements)
