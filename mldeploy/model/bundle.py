"""The model bundle: what `mldeploy train` writes and everything else reads."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mldeploy.config import task
from mldeploy.config.requirement import bare
from mldeploy.errors import MldeployError
from mldeploy.model.forms import (
    FILES,
    FORMAT,
    SKLEARN,
    forms_of,
    served,
    with_one_form,
    wrong_key,
)
from mldeploy.model.golden import Golden
from mldeploy.model.lock import is_locked, locked
from mldeploy.text.digests import is_registry_digest, is_sha256

PRIVATE_SINCE = 3
"""Earlier formats contained a training row and all values of a column."""
_NEEDED = {"example", "golden_sha256", "metrics", "model", "signature", "versions"}
MODEL = SKLEARN.file
FACTS, GOLDEN, REQUIREMENTS = "model.json", "golden.json", "requirements.txt"
COLUMNS = "columns.json"
"""The file with values of columns that only the endpoint may read, if there are any."""
BASE = "base"
"""The key of model.json: the base image's name, and the digest that it had when it was recorded."""
WHEELS = "wheels"
"""The key of model.json: by architecture, of each requirement's wheel the SHA-256."""
CODE = "code"
"""The folder of the project's own modules, by their paths below /var/task."""
RESERVED = frozenset({task.ENDPOINT, task.MODEL})
"""mldeploy's own folders in /var/task."""
_PYTHON = re.compile(r"3\.\d{1,3}(\.\w+)?\+?", re.ASCII)


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk.

    Attributes:
        path: its folder.
        facts: model.json, parsed.
    """

    path: Path
    facts: dict[str, Any]

    @property
    def python(self) -> str:
        """The Python that trained it, as "3.12"."""
        return ".".join(str(self.facts["versions"]["python"]).split(".")[:2])

    @property
    def file(self) -> str:
        """The name of the file of the form that is served."""
        return _file_of(self.path, served(self.facts))

    @property
    def sha256(self) -> str:
        """The SHA-256 of that file."""
        return str(served(self.facts)["sha256"])

    @property
    def golden(self) -> dict[str, Any]:
        """Inputs with the predictions that this model gave."""
        return dict(json.loads((self.path / GOLDEN).read_text(encoding="utf-8")))

    @property
    def golden_examples(self) -> Golden:
        """The golden examples, to send to an image."""
        return Golden((self.path / GOLDEN).read_bytes())

    @property
    def columns(self) -> Path | None:
        """The file with values of columns that only the endpoint may read, if there is one."""
        return self.path / COLUMNS if "columns_sha256" in self.facts else None

    @property
    def example(self) -> Any:
        """A valid example request.

        Raises:
            MldeployError: MLD247 if none may be shown.
        """
        if self.facts["example"] is None:
            why = self.facts.get("no_example", "the reason is unknown")
            raise MldeployError(
                "MLD247",
                f"the model in {self.path} has no example of a request: {why}",
                "list the column under [publish] categories, or define `example` in train.py, and "
                "train or import again; or send your own request with `mldeploy invoke --data`",
            )
        return self.facts["example"]

    @property
    def requirements(self) -> tuple[str, ...]:
        """The model's requirements, as `name==version`."""
        text = (self.path / REQUIREMENTS).read_text(encoding="utf-8")
        return tuple(bare(line) for line in text.splitlines() if line and not line.startswith("#"))

    def base_digest(self, reference: str) -> str:
        """Return the digest that was recorded for a base image, or "" for another one's."""
        recorded = self.facts.get(BASE, {})
        return str(recorded["digest"]) if recorded.get("image") == reference else ""

    def locked(self, architecture: str) -> tuple[str, ...]:
        """Return the requirements with the hashes of an architecture's wheels.

        Requirements without a recorded hash have none.
        """
        return locked(self.requirements, [self.facts.get(WHEELS, {}).get(architecture, {})])

    @property
    def code(self) -> dict[str, Path]:
        """The project's modules that the model needs, by their paths below /var/task."""
        return {name: self.path / CODE / name for name in sorted(self.facts.get("code", {}))}

    def image_facts(self) -> bytes:
        """Return model.json for the image.

        It omits time, git, facts for builds, and forms that aren't served.
        """
        left_out = {"provenance", "compilation", WHEELS, BASE}
        kept = {name: value for name, value in self.facts.items() if name not in left_out}
        kept["model"] = with_one_form(self.facts)
        return (json.dumps(kept, indent=2, sort_keys=True) + "\n").encode()

    @property
    def digest(self) -> str:
        """The model's digest: equal for equal training, whenever and from which commit."""
        parts = (
            self.image_facts(),
            (self.path / GOLDEN).read_bytes(),
            "\n".join(self.requirements).encode(),
            self.sha256.encode(),
        )
        return hashlib.sha256(b"\0".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()


def load_bundle(path: Path, *, verify: bool = True) -> Bundle:
    """Read a bundle.

    Raises:
        MldeployError: MLD201 if there is none, MLD202 if a file is damaged, MLD203 if a newer
            mldeploy wrote it.
    """
    facts = _facts(path)
    if facts["format"] > FORMAT:
        raise MldeployError(
            "MLD203",
            f"{path / FACTS} has format {facts['format']}; this mldeploy supports {FORMAT}",
            "upgrade mldeploy, or run `mldeploy train` again",
        )
    if verify:
        for form in forms_of(facts):
            _verify(path, _file_of(path, form), form["sha256"])
        _verify(path, GOLDEN, facts["golden_sha256"])
        if "columns_sha256" in facts:
            _verify(path, COLUMNS, facts["columns_sha256"])
        _require_requirements(path / REQUIREMENTS, facts.get(WHEELS, {}))
        for name, expected in facts.get("code", {}).items():
            _verify_code(path, name, expected)
    return Bundle(path, facts)


def _facts(path: Path) -> dict[str, Any]:
    if not (path / FACTS).is_file():
        raise MldeployError(
            "MLD201", f"there is no model bundle in {path}", "run `mldeploy train` first"
        )
    try:
        facts = json.loads((path / FACTS).read_text(encoding="utf-8"))
    except OSError as error:
        raise _damaged(path / FACTS, f"it can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path / FACTS, f"it isn't JSON ({error})") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("format"), int):
        raise _damaged(path / FACTS, "it has no format")
    # A newer format may have other keys, so the format is checked first.
    missing = [] if facts["format"] > FORMAT else sorted(_NEEDED - facts.keys())
    if missing:
        raise _damaged(path / FACTS, f"keys are missing: {', '.join(missing)}")
    wrong = "" if facts["format"] > FORMAT else _wrong_key(facts)
    if wrong:
        raise _damaged(path / FACTS, f"the value of {wrong} is invalid")
    return facts


def _wrong_key(facts: dict[str, Any]) -> str:
    """Return a key whose value can't be meant, or ""."""
    tables = ("metrics", "model", "signature", "versions")
    wrong = next((name for name in tables if not isinstance(facts[name], dict)), "")
    if wrong:
        return wrong
    if wrong := wrong_key(facts):
        return wrong
    if not _is_code(facts.get("code", {})):
        return "code"
    if not _are_wheels(facts.get(WHEELS, {})):
        return WHEELS
    base = facts.get(BASE, {"digest": "sha256:" + "0" * 64})
    if not isinstance(base, dict) or not is_registry_digest(str(base.get("digest"))):
        return BASE  # it becomes part of a line in the Dockerfile
    # It becomes a part of the base image's name.
    return "" if _PYTHON.fullmatch(str(facts["versions"].get("python"))) else "versions.python"


def _are_wheels(wheels: Any) -> bool:
    """Return whether this maps architectures to SHA-256 by names."""
    maps = list(wheels.values()) if isinstance(wheels, dict) else [None]
    return all(
        isinstance(one, dict) and all(is_sha256(str(value)) for value in one.values())
        for one in maps
    )


def _is_code(code: Any) -> bool:
    """Return whether this maps paths inside the folder to SHA-256 hashes."""
    if not isinstance(code, dict):
        return False
    parents = {str(one) for name in code for one in PurePosixPath(name).parents}
    return not parents & code.keys() and all(
        is_inside(name) and is_sha256(str(sha256)) for name, sha256 in code.items()
    )


def is_inside(name: str) -> bool:
    """Return whether a path is inside /var/task and outside mldeploy's own folders."""
    top, *rest = parts = name.split("/")
    reserved = (top if rest else top.partition(".")[0]) in RESERVED
    return not reserved and all(
        part and part.isprintable() and part[0] not in ".-" and "\\" not in part for part in parts
    )


def _file_of(path: Path, form: dict[str, Any]) -> str:
    """Return the name of a form's file, which is always inside the bundle."""
    name = form["file"]
    if name not in FILES:
        raise _damaged(path / FACTS, f"the model's file has the invalid name {name!r}")
    return str(name)


def _require_requirements(path: Path, wheels: dict[str, dict[str, str]]) -> None:
    """Refuse what isn't a list of requirements, each locked, with the hashes of model.json."""
    if not path.is_file():
        raise _damaged(path, "it is missing")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, f"it can't be read ({type(error).__name__})") from error
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#"):
            if not is_locked(bare(line)):
                raise _damaged(path, f"line {number} isn't a requirement")
            if (line,) != locked([bare(line)], wheels.values()):
                raise _damaged(path, f"the hashes in line {number} differ from those in {FACTS}")


def _verify(path: Path, name: str, expected: str) -> None:
    if (path / name).exists() and not (path / name).is_file():
        raise _damaged(path / name, "it isn't a file")  # reading from a pipe may never end
    try:
        with (path / name).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _damaged(path / name, f"it can't be read ({error.strerror})") from error
    if found != expected:
        raise _damaged(path / name, "its SHA-256 differs from the one that training recorded")


def _verify_code(path: Path, name: str, expected: str) -> None:
    """Check a module's SHA-256; a link could point outside the bundle."""
    file = path / CODE / name
    if any(one.is_symlink() for one in (file, *file.parents[: name.count("/") + 1])):
        raise _damaged(file, "it is a link")
    _verify(path, f"{CODE}/{name}", expected)


def _damaged(path: Path, why: str) -> MldeployError:
    return MldeployError(
        "MLD202", f"the model bundle is damaged: {path}: {why}", "run `mldeploy train` again"
    )
