"""Maps installed modules to their distributions.

`importlib.metadata.packages_distributions` does the same, but takes a quarter of a second, because
it checks each file of each distribution and reads whole descriptions.
"""

import csv
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

_NAME = re.compile(r"^Name:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE)


def names_by_module() -> dict[str, list[str | None]]:
    """Return the names of the distributions of each top-level module.

    None is the name of a damaged distribution.
    """
    found: dict[str, list[str | None]] = defaultdict(list)
    for one in distributions():
        modules = [*_declared(one)] or [*_inferred(one)]
        name = _name_of(one) if modules else None
        for module in modules:
            found[module].append(name)
    return dict(found)


def _name_of(one: Distribution) -> str | None:
    """Return the name in the metadata's headers, without reading the description."""
    # Wheels, eggs, and the eggs of distutils that are a file, as in importlib.metadata.
    texts = (one.read_text(name) for name in ("METADATA", "PKG-INFO", ""))
    headers = next(filter(None, texts), "").partition("\n\n")[0]
    name = _NAME.search(headers)
    return name[1] if name else None


def _declared(one: Distribution) -> list[str]:
    return (one.read_text("top_level.txt") or "").split()


def _inferred(one: Distribution) -> Iterator[str]:
    """Yield the importable names among the top-level files of a distribution."""
    for top in {path.split("/", 1)[0]: None for path in _files(one)}:
        place = Path(str(one.locate_file(top)))
        name = top if place.is_dir() else inspect.getmodulename(top)
        if name and "." not in name and place.exists():
            yield name


def _files(one: Distribution) -> Iterator[str]:
    record = one.read_text("RECORD")
    if record is None:
        yield from map(str, one.files or ())
    else:  # PyPA specifications, "Recording installed projects": path, hash, size
        yield from (row[0] for row in csv.reader(record.splitlines()) if row)
