"""Sources of distributions that aren't from a package index (PEP 610)."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mldeploy.errors import MldeployError


@dataclass(frozen=True)
class Source:
    """The source of a distribution.

    Attributes:
        kind: "a folder", "an editable install", "an archive" or a system such as "git".
        place: the folder or the URL, without login, query and fragment.
        folder: of an editable install, else None.
    """

    kind: str
    place: str
    folder: Path | None = None


def source_of(found: Distribution) -> Source | None:
    """Return a distribution's source, or None if it is a package index.

    conda packages contain the folder that they were built in (conda issue 11580); their source is
    conda's index.
    """
    text = found.read_text("direct_url.json")
    if not text or (found.read_text("INSTALLER") or "").strip() == "conda":
        return None
    try:
        facts = json.loads(text)
        parts = urlsplit(facts["url"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    local = parts.scheme == "file"
    host = parts.netloc.rpartition("@")[2]
    place = unquote(parts.path) if local else f"{parts.scheme}://{host}{parts.path}"
    folder = Path(place).resolve() if local else None
    if facts.get("dir_info", {}).get("editable") is True:
        return Source("an editable install", place, folder)
    return Source(_kind(facts), place)


def _kind(facts: dict[str, Any]) -> str:
    match facts:
        case {"vcs_info": {"vcs": str(vcs)}}:
            return vcs
        case {"archive_info": _}:
            return "an archive"
        case _:
            return "a folder"


def editable_below(root: Path) -> dict[str, Path]:
    """Return the editable installs inside the project, by normalized names."""
    found = {}
    for one in distributions():
        source = source_of(one)
        folder = source.folder if source else None
        if folder and one.name and folder.is_relative_to(root.resolve()):
            found[_normal(one.name)] = folder
    return found


def require_from_index(names: Iterable[str], stated: Iterable[str] = ()) -> None:
    """Refuse distributions that the image would install from the index under the same name.

    Args:
        names: of the model's requirements.
        stated: the lines of `[image] requirements`; those with a URL are accepted.

    Raises:
        MldeployError: MLD232 for the first one; the others are its details.
    """
    from packaging.requirements import Requirement

    allowed = {_normal(one.name) for line in stated if (one := Requirement(line)).url}
    found = [
        (name, source)
        for name in sorted(names)
        if name not in allowed and (source := _source(name)) is not None
    ]
    if found:
        (name, source), *rest = found
        raise MldeployError(
            "MLD232",
            f"{name} was installed from {_words(source)}, but the image would get the package "
            "with the same name from the index",
            _hint(name, source),
            details=tuple(("and", f"{other} from {_words(one)}") for other, one in rest),
        )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _source(name: str) -> Source | None:
    try:
        return source_of(distribution(name))
    except PackageNotFoundError:
        return None


def _words(source: Source) -> str:
    return f"{source.kind} ({source.place})"


def _hint(name: str, source: Source) -> str:
    hint = (
        f"publish {name} to the index of [image] index_url and install it from there, or copy its "
        "module into the project"
    )
    if source.place.startswith("https://") and source.place.endswith(".whl"):
        return f'[image] requirements = ["{name} @ {source.place}#sha256=…"], or {hint}'
    return hint
