"""The user's hooks `preprocess` and `postprocess` around the estimator.

`preprocess(X)` receives the result of `data()`, or for requests a table of the same kind, and
returns the estimator's input. So the signature describes the rows that clients send, and training
and serving are consistent. `postprocess(answers)` receives one object per row and returns as many.
Golden examples contain the results of both.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.user_module import checked_data, import_user_module, names_of, user_code

NAMES = ("preprocess", "postprocess")


@dataclass(frozen=True)
class Hooks:
    """The hooks of a user's module; without a path there are none.

    Attributes:
        path: of the module, or None.
        facts: for model.json: the module's name in the image, and its hooks.
        preprocess: the hook, or None.
        postprocess: the hook, or None.
    """

    path: Path | None = None
    facts: dict[str, Any] | None = None
    preprocess: Callable[[Any], Any] | None = None
    postprocess: Callable[[Any], Any] | None = None

    def answered(self, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the predictions after the hook.

        Raises:
            MldeployError: MLD211 if the hook fails, MLD224 if it doesn't return one object per
                row.
        """
        if self.postprocess is None or self.path is None:
            return answers
        hook = self.postprocess
        found: list[dict[str, Any]] = user_code(
            lambda: list(hook(answers)), self.path, "postprocess() ran"
        )
        if len(found) != len(answers) or not all(isinstance(one, dict) for one in found):
            raise MldeployError(
                "MLD224",
                f"postprocess() in {self.path.name} must return {len(answers)} objects, one per "
                "row",
                "return a list with one dict per row",
            )
        return found

    def prepared(self, data: TrainingData) -> TrainingData:
        """Return the data that the estimator is fitted on.

        Raises:
            MldeployError: MLD211 if the hook fails, MLD213 if it doesn't return a table.
        """
        if self.preprocess is None or self.path is None:
            return data
        hook = self.preprocess
        x = user_code(lambda: hook(data.x), self.path, "preprocess() ran")
        return checked_data(replace(data, x=x, feature_names=names_of(x)), self.path.name)


def hooks_of(root: Path, name: str | None) -> Hooks:
    """Import the hooks' module as the image does: from the project's folder, by its path.

    Raises:
        MldeployError: MLD210 if it is missing, MLD211 if it fails, MLD223 without a hook.
    """
    if name is None:
        return Hooks()
    path = root / name
    module_name = name.removesuffix(".py").replace("/", ".")
    module = import_user_module(module_name, path)
    found = {hook: callable(getattr(module, hook, None)) for hook in NAMES}
    if not any(found.values()):
        raise MldeployError(
            "MLD223",
            f"{name} defines no hook",
            "write `def preprocess(X)` or `def postprocess(answers)`: "
            "see `mldeploy explain training`",
        )
    facts = {"module": module_name, **found}
    before, after = (getattr(module, hook) if found[hook] else None for hook in NAMES)
    return Hooks(path, facts, before, after)
