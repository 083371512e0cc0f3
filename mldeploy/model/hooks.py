"""`preprocess` and `postprocess` of the user's own, around the estimator.

`preprocess(X)` takes what `data()` gave, and when requests are answered a table of the same kind;
it returns what the estimator is fitted on and asked with. So the signature is that of the rows as
clients send them, and training and serving can't part. `postprocess(answers)` takes the answers'
objects, one per row, and returns as many. The golden answers have gone through both.
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
    """What a module of the user's does around the estimator; with path None nothing.

    Attributes:
        path: of the module, or None.
        facts: for model.json: the module's name in the image, and which hooks it has.
        preprocess: None where there is none.
        postprocess: None where there is none.
    """

    path: Path | None = None
    facts: dict[str, Any] | None = None
    preprocess: Callable[[Any], Any] | None = None
    postprocess: Callable[[Any], Any] | None = None

    def answered(self, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what a client gets of these answers.

        Raises:
            MldeployError: MLD211 where the hook fails, MLD224 where it returns something else than
                an object per row.
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
            MldeployError: MLD211 where the hook fails, MLD213 where it returns no table.
        """
        if self.preprocess is None or self.path is None:
            return data
        hook = self.preprocess
        x = user_code(lambda: hook(data.x), self.path, "preprocess() ran")
        return checked_data(replace(data, x=x, feature_names=names_of(x)), self.path.name)


def hooks_of(root: Path, name: str | None) -> Hooks:
    """Import the hooks' module as the image will: from the project's folder, by its path.

    Raises:
        MldeployError: MLD210 where it is missing, MLD211 where it fails, MLD223 without a hook.
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
            "write `def preprocess(X)` or `def postprocess(answers)`: see docs/training.md",
        )
    facts = {"module": module_name, **found}
    before, after = (getattr(module, hook) if found[hook] else None for hook in NAMES)
    return Hooks(path, facts, before, after)
