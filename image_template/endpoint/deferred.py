"""Defers the import of a module until one of its members is used.

scikit-learn imports scipy.stats wherever it might need one of its functions; few models do, and the
import took nearly half of a start. A member imported from a deferred module is a stand-in, which
can be called and has the member's attributes, but isn't a class to derive from or for `isinstance`.
So `model.json` names a module only after training has tried the model with it deferred.
"""

import importlib
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def defer(names: Iterable[str]) -> None:
    """Install a stand-in for each module that is installed and not imported yet."""
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
    """Return the deferred modules that have been imported since."""
    return [name for name in names if not isinstance(sys.modules.get(name), _Deferred)]


class _Deferred(ModuleType):
    """A module that isn't imported yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            return getattr(_real(self), name)
        if sys.modules.get(self.__name__) is self:
            return _Late(self, name)
        return getattr(_real(self), name)


class _Late:
    """A member of a deferred module. A call or an access to an attribute imports the module."""

    def __init__(self, module: _Deferred, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **named: Any) -> Any:
        return getattr(_real(self._module), self._name)(*args, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(_real(self._module), self._name), name)


def _real(stand_in: _Deferred) -> ModuleType:
    """Import and return the module that a stand-in replaces."""
    name = stand_in.__name__
    if sys.modules.get(name) is stand_in:
        del sys.modules[name]
        try:
            return importlib.import_module(name)
        except BaseException:
            sys.modules[name] = stand_in
            raise
    return sys.modules[name]
