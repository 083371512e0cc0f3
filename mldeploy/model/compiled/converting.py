"""From a fitted estimator to nodes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from mldeploy.model.compiled.nodes import Node, NotCompilableError, require

FAMILIES = (
    "compose",
    "scaling",
    "imputing",
    "encoding",
    "features",
    "text",
    "linear",
    "neighbors",
    "ensembles",
    "multiclass",
    "bayes",
    "svm",
    "neural",
    "clustering",
    "dummy",
    "trees",
    "forests",
    "boosting",
    "hist",
    "xgboost",
    "lightgbm",
)
"""Modules of `families`. Each has CONVERTERS; TREES if its estimators have trees; BORDERS if
their outputs change at some values; ROUNDS if BLAS or
a mathematical function may round its results in another way."""


@dataclass(frozen=True)
class Step:
    """A step of the estimator, for people.

    Attributes:
        path: "clf" or "columns > numbers > scale"; "" for the estimator itself.
        name: of the class.
        reason: why it isn't compiled, or "".
    """

    path: str
    name: str
    reason: str = ""


@dataclass
class Converter:
    """Converts an estimator and its parts.

    Attributes:
        columns: names of the columns of X in training, or None for an array.
        pairs: converted estimators with their nodes, in the order of the nodes' ids.
        steps: what was converted, for people.
        explaining: whether to go on after a step that can't be compiled.
    """

    columns: list[Any] | None = None
    pairs: list[tuple[Any, Node]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    explaining: bool = False
    _path: list[str] = field(default_factory=list)

    @property
    def rounds(self) -> bool:
        """Whether results of what was converted may be rounded in another way."""
        kinds = {type(estimator).__qualname__ for estimator, _ in self.pairs}
        return bool(kinds & rounding())

    def convert(self, estimator: Any, name: str = "") -> Node:
        """Return the node of an estimator.

        Args:
            estimator: fitted.
            name: of the step in its parent.

        Raises:
            NotCompilableError: if its class or an option isn't known.
        """
        self._path += [name] if name else []
        place = len(self.steps)
        step = Step(" > ".join(self._path), type(estimator).__name__)
        self.steps.append(step)
        try:
            node = _converter_of(estimator)(estimator, self)
        except NotCompilableError as error:
            if error.step:
                raise
            self.steps[place] = Step(step.path, step.name, error.reason)
            if self.explaining:
                return Node("")
            where = f"{step.path}: {step.name}" if step.path else step.name
            raise NotCompilableError(error.reason, where) from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"its state has an unknown form ({type(error).__name__}: {error})"
            raise NotCompilableError(reason, step.name) from error
        finally:
            del self._path[len(self._path) - bool(name) :]
        self.pairs.append((estimator, node))
        return node


Convert = Callable[[Any, Converter], Node]
"""Makes a node of an estimator. Raises NotCompilableError."""


def _converter_of(estimator: Any) -> Convert:
    kind = type(estimator)
    found = converters().get(kind.__qualname__)
    # A subclass of the user's may do anything.
    if found is None or kind.__module__.partition(".")[0] not in _PACKAGES:
        raise NotCompilableError("this class isn't known")
    output = output_of(estimator)
    require(output in {"default", "pandas"}, f"its output is set to {output!r}")
    return found


def output_of(estimator: Any) -> str:
    """Return what `set_output` was called with: "default", "pandas", "polars"."""
    config = getattr(estimator, "_sklearn_output_config", {})
    return str(config.get("transform") or "default")


_PACKAGES = frozenset({"sklearn", "xgboost", "lightgbm"})


@cache
def converters() -> dict[str, Convert]:
    """Return the converters by the names of classes."""
    return {name: one for module in families() for name, one in module.CONVERTERS.items()}


@cache
def rounding() -> frozenset[str]:
    """Return the names of the classes whose results may be rounded in another way."""
    rounds = [module for module in families() if getattr(module, "ROUNDS", False)]
    return frozenset(name for module in rounds for name in module.CONVERTERS)


@cache
def trees() -> dict[str, Any]:
    """Return the functions that tell the trees of estimators, by the names of classes."""
    return dict(_told("TREES"))


@cache
def borders() -> dict[str, Any]:
    """Return the functions that tell at which values the outputs of estimators change, by name."""
    return dict(_told("BORDERS"))


def _told(what: str) -> Iterator[tuple[str, Any]]:
    for module in families():
        yield from getattr(module, what, {}).items()


def families() -> list[Any]:
    """Return the modules of all families."""
    return [import_module(f"mldeploy.model.compiled.families.{name}") for name in FAMILIES]
