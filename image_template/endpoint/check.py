"""`python -m endpoint.check`: verify the image without Lambda's runtime.

The last line of its output is the answer of `verify`, as JSON; it exits with 0 if there are
no problems.
"""

import json
import sys
import traceback
from typing import Any


def main() -> int:
    """Load the handler as Lambda would, and verify the model."""
    answer = _verified()
    # The engine merges both streams: the answer has to come last.
    sys.stderr.flush()
    sys.stdout.write("\n" + json.dumps(answer, allow_nan=False) + "\n")
    return 1 if answer["problems"] else 0


def _verified() -> dict[str, Any]:
    try:
        from endpoint.handler import handle

        return dict(handle({"mldeploy": "verify"}, None))
    except Exception as error:  # noqa: BLE001 - whatever fails is what is to be reported
        traceback.print_exc()
        return {"problems": [f"{type(error).__name__}: {error}"]}


if __name__ == "__main__":
    sys.exit(main())
