"""Detects and loads model files to import."""

import sys
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mldeploy.errors import ExitCode, MldeployError

SUFFIXES = {
    ".joblib": "pickle",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".skops": "skops",
    ".onnx": "onnx",
}
"""The kind of a file by its name; its content must match."""

_PICKLES = (b"\x80", b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x5d\x00\x00")
"""How pickles begin, and what joblib compresses them with (zlib, gzip, bz2, xz, lzma)."""
_HEAD = 8
_NEWER_PYTHON, _NEEDS_IT = (3, 12), ["1", "8"]
"""The versions of scikit-learn that mldeploy's own requirements exclude on an older Python."""
_TYPES = ", ".join(SUFFIXES)


def kind_of(path: Path) -> str:
    """Return "pickle", "skops" or "onnx", by name and content; nothing is loaded.

    Raises:
        MldeployError: MLD240 for a file that is something else.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise unreadable(path, f"its name doesn't end in {_TYPES}")
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise unreadable(path, str(error.strerror)) from error
    if not head:
        raise unreadable(path, "it is empty")
    found = "skops" if zipfile.is_zipfile(path) else "pickle" if head.startswith(_PICKLES) else ""
    if found != ("" if kind == "onnx" else kind):
        looks = f"like a {found}" if found else "like neither a pickle nor a skops file"
        raise unreadable(path, f"by its name it is {kind}, but its content looks {looks}")
    return kind


def require_trust(path: Path, kind: str, *, trust: bool) -> None:
    """Refuse a pickle without the user's trust.

    Raises:
        MldeployError: MLD241.
    """
    if kind == "pickle" and not trust:
        raise MldeployError(
            "MLD241",
            f"{path} is a pickle, and loading a pickle runs the code that its author put into it",
            "pass --trust if you trust its source; a .skops or .onnx file doesn't need it",
            exit_code=ExitCode.USAGE,
        )


def load_estimator(path: Path, kind: str, trusted: Iterable[str]) -> Any:
    """Load an estimator from a pickle or a skops file.

    Args:
        path: of the file.
        kind: "pickle", trusted by the user, or "skops".
        trusted: additional types that a skops file may contain.

    Raises:
            MldeployError: MLD240 for a damaged file, MLD242 for an untrusted type, MLD243 without
                skops, MLD244 for an object that can't predict, MLD245 for other versions.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = _skops(path, trusted) if kind == "skops" else _unpickled(path)
    for one in caught:
        if "InconsistentVersion" in one.category.__name__:
            raise _other_version(path, one.message)
    if not hasattr(found, "predict") and not hasattr(found, "transform"):
        raise MldeployError(
            "MLD244",
            f"{path} contains a {type(found).__name__}, which can neither predict nor transform",
            "save the fitted estimator or pipeline itself",
        )
    return found


def _unpickled(path: Path) -> Any:
    import joblib

    try:
        return joblib.load(path)
    except ModuleNotFoundError as error:
        raise unreadable(
            path,
            f"it needs the module {error.name}",
            f"pip install what brings {error.name} into mldeploy's own environment",
        ) from error
    except AttributeError as error:
        raise unreadable(
            path, str(error), "make its classes and functions importable from a module of a package"
        ) from error
    except Exception as error:  # a damaged pickle raises anything
        raise unreadable(path, f"{type(error).__name__}: {error}") from error


def _skops(path: Path, trusted: Iterable[str]) -> Any:
    try:
        from skops.io import get_untrusted_types, load
    except ImportError as error:
        raise needs("skops", path) from error
    allowed = set(trusted)
    try:
        untrusted = sorted(set(get_untrusted_types(file=path)) - allowed)
    except Exception as error:  # a damaged archive raises anything
        raise unreadable(path, f"{type(error).__name__}: {error}") from error
    if untrusted:
        flags = " ".join(f"--trust-type {one}" for one in (*sorted(allowed), *untrusted))
        raise MldeployError(
            "MLD242",
            f"{path} contains untrusted types: {', '.join(untrusted)}",
            f"if you trust them, pass {flags}",
            exit_code=ExitCode.USAGE,
        )
    try:
        return load(path, trusted=sorted(allowed))
    except Exception as error:
        raise unreadable(path, f"{type(error).__name__}: {error}") from error


def _other_version(path: Path, message: Any) -> MldeployError:
    made = getattr(message, "original_sklearn_version", "another version")
    here = getattr(message, "current_sklearn_version", "this one")
    newer = sys.version_info < _NEWER_PYTHON and f"{made}.0".split(".")[:2] >= _NEEDS_IT
    return MldeployError(
        "MLD245",
        f"{path} was saved with scikit-learn {made}, but this is {here}: its predictions may "
        "differ",
        f"install mldeploy on Python 3.12, and there scikit-learn=={made}"
        if newer
        else f"pip install 'scikit-learn=={made}' into mldeploy's own environment",
    )


def needs(extra: str, path: Path) -> MldeployError:
    """Return the error of a library that isn't installed."""
    return MldeployError(
        "MLD243", f"{path} needs {extra}, which isn't installed", f"pip install 'mldeploy[{extra}]'"
    )


def unreadable(path: Path, why: str, hint: str = "") -> MldeployError:
    """Return the error for a file that isn't a model."""
    return MldeployError(
        "MLD240", f"{path} can't be imported: {why}", hint or f"import a file of type {_TYPES}"
    )
