"""Text of compiled models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.render.words import Rows, Words, columns

if TYPE_CHECKING:
    from mldeploy.model.compiled.explaining import Compilation


def compilation_words(found: Compilation) -> Words:
    """Return what is served, the proof, and the steps."""
    known = "compiled" if found.compiled else "can be compiled"
    steps = [(one.path or "(the model)", one.estimator, one.reason or known) for one in found.steps]
    return Words(columns(steps) if steps else "", (_rows(found),))


def _rows(found: Compilation) -> Rows:
    if not found.compiled:
        return (("serves", "the fitted estimator"), ("not compiled", found.reason))
    equal = "equal to the last bit" if not found.largest else f"equal within {found.largest:.0e}"
    splits = (("splits of trees", str(found.splits)),) if found.splits else ()
    return (
        ("serves", "the model compiled to NumPy"),
        ("compared", f"{found.points} values: {equal}"),
        *splits,
    )
