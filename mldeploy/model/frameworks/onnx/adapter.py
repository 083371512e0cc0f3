"""Tabular models in ONNX, which ONNX Runtime runs."""

import shutil
from pathlib import Path

from mldeploy.model.child import Tell
from mldeploy.model.forms import ONNX, in_one_form
from mldeploy.model.frameworks.base import Facts, Given
from mldeploy.model.frameworks.onnx.graph_facts import facts_of
from mldeploy.model.record import size_of
from mldeploy.model.steps import step


class Onnx:
    """See `Adapter`."""

    def imported(self, given: Given, target: Path, tell: Tell) -> Facts:
        """Copy the graph and predict with it.

        Raises:
            MldeployError: MLD240, MLD243, MLD244, MLD246.
        """
        path = target / ONNX.file
        shutil.copyfile(given.path, path)
        facts = step(
            tell, "ask the model", lambda: facts_of(path, given.example, given.types), size_of
        )
        return {**facts, "model": in_one_form(ONNX, target, facts["model"])}
