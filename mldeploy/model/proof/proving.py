"""Verifies in a clean process that the endpoint predicts the same as the fitted estimator."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.config.secret_values import values_here
from mldeploy.errors import MldeployError
from mldeploy.files.scratch import Scratch
from mldeploy.model.bundle import CODE, REQUIREMENTS
from mldeploy.model.forms import COMPILED, FRAMEWORKS, served
from mldeploy.model.needs.local_modules import (
    copy_into,
    lay_out,
    reached,
    require_unshadowed,
    tops,
)
from mldeploy.model.needs.requirements import (
    absent_modules,
    distributions_of,
    imported_by,
    modules_needed,
    optional_modules,
    pinned,
)
from mldeploy.model.needs.sources import require_from_index
from mldeploy.model.proof.exampled import chosen, trials_of
from mldeploy.model.proof.judging import Proved, requests_for, require_true
from mldeploy.model.proof.replay import (
    Asked,
    MissingModuleError,
    Replayed,
    Task,
    replay,
    require_verified,
)
from mldeploy.model.proof.truth import Truth
from mldeploy.model.record import versions_of, write_facts, write_golden

_DEFERRABLE = ("scipy.stats",)
"""Modules that scikit-learn imports for few functions (source of 1.9): nearly half of a start, and
few models use them."""


def prove(
    config: Config, target: Path, facts: dict[str, Any], truth: Truth, *, trusted: bool = True
) -> Proved:
    """Verify the model in a clean process that can import only what the image installs.

    Writes the golden examples and the requirements to the bundle, and fills in its facts. Files of
    an untrusted project can't be imported there.

    Raises:
        MldeployError: MLD220 to MLD222, MLD231.
    """
    names = ("modules", "loaded", "dtypes", "examples")
    modules, loaded, dtypes, examples = (facts.pop(name) for name in names)
    facts |= {"versions": {}, "golden_sha256": write_golden(target, truth)}
    with Scratch() as folder:
        code = {key: target / CODE / key for key in facts.setdefault("code", {})}
        roots = ((config.root / config.train).parent, config.root) if trusted else ()
        included = config.included if trusted else ()
        task = Task(folder / "task", config.root, included, code, roots)
        task.lay_out()
        framework = FRAMEWORKS[served(facts)["framework"]]
        if framework is COMPILED:
            dtypes = []  # of pandas, which it doesn't use
        proof = _Proof(config, target, facts, truth, task, dtypes, examples)
        frame = facts["signature"]["input"] == "dataframe"
        storages = [one["storage"] for one in facts["signature"]["features"]] if frame else []
        needed = modules_needed(modules, framework, storages)
        files = [*task.their_modules(), *reached(modules, code)]
        distributions, proved = _needed(proof, needed | imported_by(files), loaded)
    facts["versions"] = versions_of(distributions)
    lines = pinned(distributions, config.image.requirements)
    (target / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return proved


@dataclass(frozen=True)
class _Proof:
    """The inputs of the verification.

    Attributes:
        config: of the project.
        target: the bundle.
        facts: of model.json; `deferred` of the served form is filled in.
        truth: the expected predictions.
        task: the laid out folder.
        dtypes: of X in training.
        examples: candidate rows for the example.
    """

    config: Config
    target: Path
    facts: dict[str, Any]
    truth: Truth
    task: Task
    dtypes: list[str]
    examples: dict[str, Any]

    def with_only(self, distributions: list[str]) -> Proved:
        """Verify the model with only these distributions importable.

        Imports are deferred if the model predicts the same without them; after a failure they are
        retried without deferring.

        Raises:
            MissingModuleError: if a module of another distribution is needed.
            MldeployError: MLD220 to MLD222.
        """
        deferrable = list(_DEFERRABLE) if "scikit-learn" in distributions else []
        try:
            return self._once(distributions, deferrable)
        except (MissingModuleError, MldeployError):
            if not deferrable:
                raise
        return self._once(distributions, [])

    def _once(self, distributions: list[str], deferred: list[str]) -> Proved:
        served(self.facts)["deferred"] = deferred
        write_facts(self.target, self.facts)
        requests = requests_for(self.facts["signature"], self.truth)
        sent = [*requests, *trials_of(self.examples)]
        absent = set(absent_modules(distributions)) - tops(self.facts["code"])
        asked = Asked(sent, self.truth.inputs if self.dtypes else [], self._environment(), absent)
        found = replay(self.task, self.target, asked)
        cause = self._cause(found)
        proved = require_true(self.truth, requests, found.responses[: len(requests)], cause)
        if cause:
            raise MldeployError(
                "MLD222", f"the endpoint passes other types to the estimator: {cause}"
            )
        require_verified(found)
        self.facts.update(chosen(self.examples, found.responses[len(requests) :]))
        served(self.facts)["deferred"] = [one for one in deferred if one not in found.used]
        return proved

    def adopted(self, name: str) -> set[str]:
        """Take a local module that was missing into the bundle; return what it imports."""
        found = self.task.lacks(name)
        self.facts["code"] |= copy_into(found, self.target)
        lay_out(found, self.task.folder)
        return imported_by(reached([name], found))

    def _environment(self) -> dict[str, str]:
        """Return the configured variables of this model's functions."""
        found: dict[str, str] = {}
        for function in self.config.listed:
            if not function.custom and function.model == self.config.model:
                secrets = values_here(self.config.root, function.secrets).known
                found = {**dict(function.environment), **dict(secrets), **found}
        return found

    def _cause(self, found: Replayed) -> str:
        """Return the known differences between the endpoint's table and training's, or ""."""
        if not found.dtypes or found.dtypes == self.dtypes:
            return ""
        pairs = zip(self.dtypes, found.dtypes, strict=False)
        number, (before, after) = next((n, p) for n, p in enumerate(pairs) if p[0] != p[1])
        what = "X"
        if self.facts["signature"]["input"] == "dataframe":
            what = f"column {self.facts['signature']['features'][number]['name']!r}"
        return f"dtype lost: {what} was {before} in training, but is {after} in requests"


def _needed(proof: _Proof, wanted: set[str], loaded: list[str]) -> tuple[list[str], Proved]:
    """Return the minimal distributions with which the model predicts correctly.

    The loaded modules are too many, because libraries import optional dependencies. The modules in
    the pickle and the user's files are too few if a library imports lazily, so missing ones are
    added. If a library fails later without an optional dependency (LightGBM without scikit-learn),
    those that it had loaded are tried.
    """
    optional: list[str] | None = None
    first: MldeployError | None = None
    while True:
        local = tops(proof.facts["code"])
        others = {name for name in wanted if name.partition(".")[0] not in local}
        stated = proof.config.image.requirements
        distributions = distributions_of(others, stated, proof.config.root)
        require_unshadowed(proof.facts["code"], distributions)
        require_from_index(distributions, stated)
        try:
            return distributions, proof.with_only(distributions)
        except MldeployError as error:
            first = first or error
            if optional is None:
                optional = optional_modules(distributions, loaded)
            if not optional:
                raise first from None
            wanted.add(optional.pop(0))
        except MissingModuleError as error:
            if proof.task.lacks(error.name):
                wanted |= proof.adopted(error.name)
                continue
            if error.module in wanted:
                raise MldeployError(
                    "MLD220",
                    f"the model needs the module {error.module}, which can't be in the image",
                    "use another package, or your own module in its place",
                ) from error
            wanted.add(error.module)
