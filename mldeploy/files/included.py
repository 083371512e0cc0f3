"""The project's files for the image: those in `include`, without secrets."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.text.visible import visible

_IGNORE = ".dockerignore"
_FOLDERS = {".aws", ".azure", ".docker", ".git", ".gnupg", ".hg", ".kube", ".ssh", ".svn"}
"""A repository's configuration contains URLs with logins, and its history contains removed files.
"""
_NAMES = re.compile(
    r"\.env(\..+)?|\.netrc|_netrc|\.pypirc|\.npmrc|\.pgpass|\.my\.cnf|\.htpasswd|\.git-credentials"
    r"|id_(rsa|dsa|ecdsa|ed25519)(_sk)?|.*\.(p12|pfx|jks|keystore|kdbx|ppk)|.*\.tfstate(\..*)?"
)
_EXAMPLES = re.compile(r"\.env\.(example|sample|template|dist)")
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----")
_LARGEST_KEY = 100_000


def included_files(root: Path, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield the project's files for the image, by their path in the project.

    Links, byte code and files in the project's `.dockerignore` are skipped.

    Args:
        root: the project's folder.
        names: files and folders, relative to it.

    Raises:
        MldeployError: MLD311 if there are none, MLD314 for a file with secrets, which anyone with
            access to the image could read.
    """
    ignored = _ignored(root)
    for name in names:
        found = list(_below(root, name, ignored))
        if not found:
            raise _nothing(root, name)
        for path in found:
            shown = path.relative_to(root).as_posix()
            if reason := _secret(shown, path):
                raise MldeployError(
                    "MLD314",
                    f"`include` would put {visible(shown)} into the image, {reason}",
                    f"add it to {_IGNORE}, or move it; pass secrets to functions by reference: "
                    "`mldeploy explain secrets`",
                )
            yield shown, path


def walked(root: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield the files for the image, sorted, without reading them."""
    ignored = _ignored(root)
    for name in names:
        yield from _below(root, name, ignored)


def _below(root: Path, name: str, ignored: Callable[[str], bool]) -> Iterator[Path]:
    top = root / name
    for path in files_below(top) if top.is_dir() else [top]:
        if path.is_file() and not ignored(path.relative_to(root).as_posix()):
            yield path


def files_below(top: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted, without links and byte code."""
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for name in sorted(files):
            path = Path(folder) / name
            if path.suffix != ".pyc" and path.is_file() and not path.is_symlink():
                yield path


def _ignored(root: Path) -> Callable[[str], bool]:
    try:
        lines = (root / _IGNORE).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return lambda _path: False
    from mldeploy.files.ignoring import ignored_by

    return ignored_by(lines)


def _secret(shown: str, path: Path) -> str:
    """Return why a file probably contains secrets, or ""."""
    *folders, name = shown.split("/")
    if kept := next((one for one in folders if one in _FOLDERS), ""):
        return f"and {kept}/ usually contains secrets"
    # The target of a link counts as well.
    for one in (name, Path(os.path.realpath(path)).name):
        if _NAMES.fullmatch(one) and not _EXAMPLES.fullmatch(one):
            return f"and a file named {visible(one)} usually contains secrets"
    if path.stat().st_size <= _LARGEST_KEY and _PRIVATE_KEY.search(path.read_bytes()):
        return "and it contains a private key"
    return ""


def _nothing(root: Path, name: str) -> MldeployError:
    reason = "which doesn't exist"
    if (root / name).exists():
        reason = f"which has no files: it is empty, or {_IGNORE} excludes all of it"
    return MldeployError("MLD311", f"`include` lists {name}, {reason}", "fix the path")
