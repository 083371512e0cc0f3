"""numpy's values as JSON has them."""

import math
from typing import Any


def plain(value: Any) -> Any:
    """Turn numpy's values into JSON's. What JSON can't say (NaN, infinity) becomes null."""
    if hasattr(value, "tolist"):
        finite = value.dtype.kind == "f" and bool((abs(value) < math.inf).all())
        value = value.tolist()
        if finite:
            return value
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
