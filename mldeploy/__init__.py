"""mldeploy: from a scikit-learn pipeline on a laptop to an HTTPS endpoint."""

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["Saved", "save"]
# Their types are in __init__.pyi. The command line imports this package for each `--help`.
_SAVING = "mldeploy.cli.library"


def __getattr__(name: str) -> Any:
    """Import what the library offers when it is used (PEP 562)."""
    if name in __all__:
        return getattr(importlib.import_module(_SAVING), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
