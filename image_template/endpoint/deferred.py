"""Modules that are imported when something of theirs is first used.

scikit-learn imports scipy.stats wherever it might need a function of it; few models do, and it took
nearly half of a start. A name that is taken from such a module stands for what is there, and
works where that is called or asked for an attribute; it is no class to derive from, nor one for
`isinstance`. So training tries each model out with it: only then `model.json` names the module.
"""

import importlib
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def defer(names: Iterable[str]) -> None:
    """Put a stand-in in place of each module that isn't imported yet and could be."""
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            module = _Deferred(name)
            module.__dict__.update(
                __spec__=spec, __file__=spec.origin, __path__=spec.submodule_search_locations
            )
            sys.modules[name] = module
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, module)


def used(names: Iterable[str]) -> list[str]:
    """Return those of the modules that were imported after all."""
    return [name for name in names if not isinstance(sys.modules.get(name), _Deferred)]


class _Deferred(ModuleType):
    """A module that nobody has used yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            return getattr(_real(self), name)
        if sys.modules.get(self.__name__) is self:
            return _Late(self, name)
        return getattr(_real(self), name)


class _Late:
    """Something of a module, which is imported when this is called or looked into."""

    def __init__(self, module: _Deferred, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **named: Any) -> Any:
        return getattr(_real(self._module), self._name)(*args, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(_real(self._module), self._name), name)


def _real(stand_in: _Deferred) -> ModuleType:
    """Return the module itself."""
    name = stand_in.__name__
    if sys.modules.get(name) is stand_in:
        del sys.modules[name]
        try:
            return importlib.import_module(name)
        except BaseException:
            sys.modules[name] = stand_in
            raise
    return sys.modules[name]
