"""The libraries that a model was fitted with, which the served form may not need."""

import sys
from importlib.metadata import version
from typing import Any

from mldeploy.model.needs.installed import names_by_module


def libraries_of(estimator: Any) -> dict[str, str]:
    """Return the versions of the distributions that an estimator's and its steps' classes are of.

    Args:
        estimator: fitted; one without `get_params` has no steps.
    """
    parts = estimator.get_params(deep=True).values() if hasattr(estimator, "get_params") else ()
    modules = {type(one).__module__.partition(".")[0] for one in (estimator, *parts)}
    known = names_by_module()
    installed = modules & known.keys() - sys.stdlib_module_names
    names = {name for one in installed for name in known[one] if name}
    return {name: version(name) for name in sorted(names)}
