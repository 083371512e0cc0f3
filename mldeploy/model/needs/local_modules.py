"""Finds, checks and copies the project's modules that a model needs at run time.

They are stored in the bundle by their import names, so that the image contains the code of the
training, even if the project changes later.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mldeploy.config.requirement import canonical_name
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import CODE, FACTS, GOLDEN, RESERVED, is_inside
from mldeploy.model.needs.module_files import Module, below, closure, is_local, resolve
from mldeploy.model.needs.requirements import owners_of_modules
from mldeploy.text.digests import digest_of_file

LARGEST = 50_000_000
"""Maximum bytes of a model's code; Lambda's limit for a folder of code is 250 MB."""
_SKIPPED = {"__pycache__", "node_modules", "venv", "site-packages"}
_OF_THE_RUNTIME = {"awslambdaric", "snapshot_restore_py"}
"""The runtime client's modules in Lambda's base images."""


def find(
    named: Iterable[str],
    roots: Sequence[Path],
    root: Path,
    included: Iterable[str] = (),
    largest: int = LARGEST,
) -> dict[str, Path]:
    """Return the project's files that modules need, by their paths below /var/task.

    Modules are located as this process imported them, else in `roots`, else on `sys.path`
    (editable installs). Their imports are followed, including those in functions. A package is
    copied completely, a namespace package only with the modules used. Imports of Python files
    among `included` are followed, too.

    Args:
        named: modules in the pickle: "features", "mypkg.steps".
        roots: the folders that the train module is imported with.
        root: the project's folder; modules elsewhere aren't local.
        included: files of `[image] include` and hooks, which are already in the image and take
            precedence.
        largest: maximum total bytes.

    Raises:
        MldeployError: MLD233 if a module has the name of one in the image, if a file of a package
            has an unusual name, or if the total is too large.
    """
    included = tuple(included)
    started = [*named, *_modules_of(included, root)]
    modules = closure(started, lambda name: _local(name, roots, root))
    found = {key: path for module in modules.values() for key, path in _files(module, root)}
    kept = {key: path for key, path in sorted(found.items()) if not _covered(key, included)}
    require_unshadowed(kept)
    _require_bounded(kept, largest)
    return kept


def locate(
    name: str, roots: Sequence[Path], root: Path, included: Iterable[str] = ()
) -> dict[str, Path] | None:
    """Return the files of a module that turned out to be missing, or None if it isn't local.

    Raises:
        MldeployError: MLD233, as `find` does.
    """
    if _local(name, roots, root) is None:
        return None
    return find([name], roots, root, included) or None


def reached(named: Iterable[str], files: Mapping[str, Path]) -> list[Path]:
    """Return those of `files` that the named modules import: others of a package may never run.

    Args:
        named: dotted names of modules.
        files: by path below /var/task, as `find` returns them.
    """

    def one(name: str) -> Module | None:
        path = name.replace(".", "/")
        if f"{path}/__init__.py" in files:
            return Module(name, files[f"{path}/__init__.py"], (Path(path),))
        return Module(name, files[f"{path}.py"]) if f"{path}.py" in files else None

    return sorted(module.file for module in closure(named, one).values() if module.file)


def tops(files: Iterable[str]) -> set[str]:
    """Return the top-level modules and regular packages among files below /var/task."""
    found = set()
    for key in files:
        top, _, rest = key.partition("/")
        if rest in {"", "__init__.py"}:
            found.add(top.partition(".")[0])
    return found


def copy_into(found: Mapping[str, Path], target: Path) -> dict[str, str]:
    """Copy files to `code/` in a bundle and return their SHA-256 by path.

    Args:
        found: as `find` returns them.
        target: the bundle's folder.
    """
    lay_out(found, target / CODE)
    return {key: digest_of_file(target / CODE / key) for key in sorted(found)}


def lay_out(found: Mapping[str, Path], folder: Path) -> None:
    """Copy files to their paths in a folder."""
    for key, path in found.items():
        place = folder / key
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def summary(files: Iterable[str]) -> str:
    """Return what a terminal shows of files below /var/task: "features.py, mypkg/"."""
    parts = (key.partition("/") for key in sorted(files))
    return ", ".join(dict.fromkeys(top + slash for top, slash, _ in parts))


def require_unshadowed(files: Iterable[str], distributions: Iterable[str] = ()) -> None:
    """Refuse local modules that have the name of something else in the image.

    Args:
        files: by path below /var/task.
        distributions: those that the image installs.

    Raises:
        MldeployError: MLD233.
    """
    installed = set(map(canonical_name, distributions))
    owners = owners_of_modules() if installed else {}
    for top in sorted({key.partition("/")[0].partition(".")[0] for key in files}):
        if top in RESERVED | _OF_THE_RUNTIME:
            raise _refused(f"the image already has a folder or module {top}", top)
    for top in sorted(tops(files)):
        rivals = sorted(installed & set(owners.get(top, ())))
        if rivals:
            raise _refused(f"the model's requirement {rivals[0]} also has a module {top}", top)
        if top in sys.stdlib_module_names:
            raise _refused(f"Python also has a module {top}", top)


def _refused(why: str, top: str) -> MldeployError:
    return MldeployError(
        "MLD233",
        f"the project's module {top} can't go into the image: {why}",
        f"rename {top}, also in the files that import it, and train again",
    )


def hint_for(missing: str, root: Path) -> str:
    """Return what to do about a module that the model needs and the image won't have.

    Args:
        missing: the dotted name.
        root: the project's folder.
    """
    top = missing.partition(".")[0]
    module = resolve(top, [root])
    places = [one for one in (module.file, *module.folders) if one] if module else []
    outside = [one for one in places if below(one, root) is None]
    if any(is_local(one, root) for one in places):
        return f"{top} is part of the project, but {missing} isn't: check the import"
    if outside and not _SKIPPED & {part for one in outside for part in one.parts}:
        return (
            f"copy {outside[0]} into the project, because only modules below {root} can go "
            "into the image"
        )
    inside = _elsewhere(root, top)
    if inside:
        module_name = inside.removesuffix(".py").replace("/", ".")
        return f"import it as {module_name}: {inside} is in a folder below mldeploy.toml's"
    if places and not outside:
        return (
            f"move {top} out of {places[0].parent}, because environments and hidden folders "
            "don't go into the image"
        )
    return f'[image] requirements = ["{top}"], if it is a package'


def _elsewhere(root: Path, top: str) -> str:
    """Return a module's other path in the project, relative to its folder, or ""."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if is_local(Path(folder) / name, root))
        if f"{top}.py" in files:
            return (Path(folder) / f"{top}.py").relative_to(root).as_posix()
    return ""


def _local(name: str, roots: Sequence[Path], root: Path) -> Module | None:
    module = resolve(name, roots)
    if module is None:
        return None
    places = [module.file] if module.file else module.folders
    return module if any(is_local(one, root) for one in places) else None


def _modules_of(included: Iterable[str], root: Path) -> Iterator[str]:
    """Yield the names of the modules among what is included."""
    for name in included:
        if name.endswith(".py") or (root / name / "__init__.py").is_file():
            yield name.strip("/").removesuffix(".py").replace("/", ".")


def _files(module: Module, root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a module, or of a package's whole folder, by their paths."""
    if module.file is None:
        return
    yield module.key, module.file
    # A project that is itself a package contains much that no model needs.
    inside = below(module.file.parent, root)
    if module.folders and inside is not None and inside.parts:
        top = module.name.replace(".", "/")
        for path in _walk(module.file.parent):
            yield f"{top}/{path.relative_to(module.file.parent).as_posix()}", path


def _walk(package: Path) -> Iterator[Path]:
    """Yield a package's files, without caches, hidden files, links, environments and bundles."""
    for folder, names, files in os.walk(package):
        here = Path(folder)
        names[:] = sorted(one for one in names if _is_code(here / one, package))
        for name in sorted(files):
            path = here / name
            if _is_code(path, package) and path.suffix != ".pyc" and path.is_file():
                yield path


def _is_code(path: Path, package: Path) -> bool:
    bundle = (path / FACTS).is_file() and (path / GOLDEN).is_file()
    return is_local(path, package) and not path.is_symlink() and not bundle


def _covered(key: str, included: Iterable[str]) -> bool:
    """Return whether the image has a file already, as one that the project includes."""
    return any(key == one or key.startswith(f"{one.rstrip('/')}/") for one in included)


def _require_bounded(found: Mapping[str, Path], largest: int) -> None:
    """Refuse names that no bundle may hold, and more than the bound."""
    unusual = next((key for key in found if not is_inside(key)), None)
    if unusual is not None:
        raise MldeployError(
            "MLD233",
            f"the file {unusual!r} of a local package can't go into the image",
            "rename it with letters, digits and ordinary signs",
        )
    sizes = {key: path.stat().st_size for key, path in found.items()}
    total = sum(sizes.values())
    if total > largest:
        worst = max(sizes, key=lambda key: sizes[key])
        raise MldeployError(
            "MLD233",
            f"the model's local modules are too large: {total / 1e6:.0f} MB, at most "
            f"{largest / 1e6:.0f} MB; the largest file is {worst} "
            f"({sizes[worst] / 1e6:.0f} MB)",
            f"move {worst} out of the package, because whole packages go into the image",
        )
