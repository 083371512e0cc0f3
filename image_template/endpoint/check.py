"""`python -m endpoint.check`: verify the image without Lambda's runtime.

The last line of its output is the answer of `verify`, as JSON; it exits with 0 if there are
no problems.
"""

import json
import sys


def main() -> int:
    """Load the handler as Lambda would, and verify the model."""
    from endpoint.handler import handle

    answer = handle({"mldeploy": "verify"}, None)
    sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    return 1 if answer["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
