"""The frameworks that models are of, and what an adapter of one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mldeploy.config.training import Publish
from mldeploy.model.child import Tell
from mldeploy.model.foreign.example import Example

Facts = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """A model that was made elsewhere.

    Attributes:
        path: of its file.
        kind: of the file, as `foreign.files.kind_of` has it.
        example: rows, or None.
        types: of columns, by name, as the user says.
        trusted: types beside skops' own that a skops file may hold.
        publish: [publish] categories.
    """

    path: Path
    kind: str
    example: Example | None
    types: Mapping[str, str]
    trusted: tuple[str, ...] = ()
    publish: Publish = None


class Adapter(Protocol):
    """What importing knows of a framework.

    Its other half, which answers, is in `image_template/endpoint/frameworks`.
    """

    def imported(self, given: Given, target: Path, tell: Tell) -> Facts:
        """Ask a model that was made elsewhere, and save it in a bundle's folder.

        Returns:
            Facts of model.json, with what the proof needs: "truth", "examples", "modules",
            "loaded", "dtypes".

        Raises:
            MldeployError: MLD2xx.
        """
        ...
