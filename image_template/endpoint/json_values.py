"""NumPy values as JSON values."""

import math
from typing import Any


def plain(value: Any) -> Any:
    """Return Python values for NumPy's. NaN and infinity, which JSON lacks, become null."""
    if hasattr(value, "tolist"):
        finite = value.dtype.kind == "f" and bool((abs(value) < math.inf).all())
        value = value.tolist()
        if finite:
            return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
