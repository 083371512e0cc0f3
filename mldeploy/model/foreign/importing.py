"""`python -m mldeploy.model.foreign.importing REQUEST`: load a model to import.

Runs in a separate process, like training, because a pickle may run any code. The outcome is a file.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.config.training import Compile, Publish
from mldeploy.events import Emit, Note
from mldeploy.model.bundle import Bundle
from mldeploy.model.bundling import Terms, make_bundle
from mldeploy.model.child import Tell, answer_request, in_child, write_request
from mldeploy.model.data.data_checks import FEWEST_ROWS
from mldeploy.model.foreign.example import read_example
from mldeploy.model.foreign.files import kind_of, require_trust
from mldeploy.model.forms import FORMAT
from mldeploy.model.frameworks.adapters import adapter_for
from mldeploy.model.frameworks.base import Given
from mldeploy.model.needs.wheels import Wheels
from mldeploy.model.sequential import sequential


@dataclass(frozen=True)
class ImportRequest:
    """The paths of an import; `kind` from `foreign.kind_of`.

    `project`: whether the project's modules may be imported; `publish`: [publish] categories;
    `compile`: [training] compile.
    """

    model: str
    kind: str
    example: str | None
    target_column: str | None
    trusted: list[str]
    types: dict[str, str]
    target: str
    project: bool
    publish: Publish = None
    compile: Compile = "auto"


@dataclass(frozen=True)
class Foreign:
    """The user's options of an import.

    Attributes:
        model: the file.
        example: a CSV or Parquet file of rows, or None.
        target: the column of y among them, or None.
        trust: whether the user trusts a pickle.
        trusted: additional types that a skops file may contain.
        types: of columns, by name: one of `column_types.KINDS`.
    """

    model: Path
    example: Path | None = None
    target: str | None = None
    trust: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()

    def vouches_for(self, root: Path) -> bool:
        """Return whether the user vouches for code of the project: without it none of it runs."""
        return self.trust or any(_is_theirs(one, root) for one in self.trusted)


def import_model(
    config: Config, foreign: Foreign, emit: Emit, thresholds: Mapping[str, float] | None = None
) -> Bundle:
    """Create a bundle of an imported model, with the same checks as for a trained one.

    Raises:
        MldeployError: MLD2xx; see docs/importing.md.
    """
    kind, trusted = kind_of(foreign.model), foreign.vouches_for(config.root)
    require_trust(foreign.model, kind, trust=foreign.trust)

    def make(folder: Path, target: Path, _wheels: Wheels) -> dict[str, Any]:
        request = ImportRequest(
            str(foreign.model.resolve()),
            kind,
            str(foreign.example.resolve()) if foreign.example else None,
            foreign.target,
            list(foreign.trusted),
            dict(foreign.types),
            str(target),
            trusted,
            config.publish,
            config.training.compile,
        )
        path = folder / "request.json"
        write_request(request, path)
        return in_child("mldeploy.model.foreign.importing", path, config.root, emit)

    return make_bundle(config, make, emit, Terms(thresholds or {}, trusted=trusted))


def _is_theirs(name: str, root: Path) -> bool:
    """Return whether a type is of a module of the project, and of none that is installed."""
    top = name.partition(".")[0]
    entries = [one for one in sys.path if one and Path(one).resolve() != root.resolve()]
    return PathFinder.find_spec(top, entries) is None


def import_here(request: ImportRequest, tell: Tell) -> dict[str, Any]:
    """Load the model, predict with it, and store it; return its facts.

    Raises:
        MldeployError: MLD24x.
    """
    if request.project:
        # After what is installed: the working directory is the project's.
        sys.path.append(str(Path.cwd()))
    example = None
    if request.example is None:
        tell(
            Note(
                "there are no example rows, so the model has no metrics and no ranges of columns",
                "warning",
            )
        )
    else:
        example = read_example(Path(request.example), request.target_column)
        if example.rows < FEWEST_ROWS:
            rows = "1 example row says" if example.rows == 1 else f"{example.rows} example rows say"
            text = f"{rows} little about ranges and missing values: pass more with --example"
            tell(Note(text, "warning"))
    given = Given(
        Path(request.model),
        request.kind,
        example,
        request.types,
        tuple(request.trusted),
        request.publish,
        request.compile,
    )
    with sequential():
        facts = adapter_for(request.kind).imported(given, Path(request.target), tell)
    return {"format": FORMAT, "hooks": None, **facts}


def main() -> int:
    """Import the request's model, and write the outcome next to the request."""
    return answer_request(ImportRequest, import_here)


if __name__ == "__main__":
    sys.exit(main())
