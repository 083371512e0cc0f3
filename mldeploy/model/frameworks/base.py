"""The frameworks that models are of, and what an adapter of one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mldeploy.config.training import Compile, Publish
from mldeploy.model.child import Tell
from mldeploy.model.foreign.example import Example

Facts = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """A model to import.

    Attributes:
        path: of its file.
        kind: of the file, from `foreign.files.kind_of`.
        example: rows, or None.
        types: of columns, by name, from the user.
        trusted: additional types that a skops file may contain.
        publish: [publish] categories.
        compile: [training] compile.
    """

    path: Path
    kind: str
    example: Example | None
    types: Mapping[str, str]
    trusted: tuple[str, ...] = ()
    publish: Publish = None
    compile: Compile = "auto"


class Adapter(Protocol):
    """A framework's adapter for importing.

    Its counterpart for predictions is in `image_template/endpoint/frameworks`.
    """

    def imported(self, given: Given, target: Path, tell: Tell) -> Facts:
        """Predict with a model to import, and save it in a bundle's folder.

        Returns:
        Facts of model.json, and those for verification: "truth", "examples", "modules",
        "loaded", "dtypes".

        Raises:
            MldeployError: MLD2xx.
        """
        ...
