"""`python -m endpoint.check FILE`: verify the image without Lambda's runtime.

FILE holds a list of `verify` events, which go to the model's handler or to the handler that
MLDEPLOY_HANDLER names. The last line of the output is the list of the results as JSON; the exit
code is 0 if they have no problems. The caller judges the predictions.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> int:
    """Load the handler as Lambda would, and verify it."""
    results = _verified(Path(sys.argv[1]))
    # The engine merges both streams, and the results must be the last line.
    sys.stderr.flush()
    sys.stdout.write("\n" + json.dumps(results, allow_nan=False) + "\n")
    return 1 if any(result["problems"] for result in results) else 0


def _verified(path: Path) -> list[dict[str, Any]]:
    try:
        if os.environ.get("MLDEPLOY_HANDLER"):
            from endpoint.custom import handle
        else:
            from endpoint.handler import handle

        events = json.loads(path.read_text(encoding="utf-8"))
        return [dict(handle(event, _context())) for event in events]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any failure is a result
        traceback.print_exc()
        return [{"problems": [f"{type(error).__name__}: {error}"]}]


def _context() -> SimpleNamespace:
    """Return an object with the attributes of Lambda's context object.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "check")
    return SimpleNamespace(
        function_name=function,
        function_version="$LATEST",
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{function}",
        memory_limit_in_mb=os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        aws_request_id="check",
        log_group_name=f"/aws/lambda/{function}",
        log_stream_name="check",
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: 30_000,
    )


if __name__ == "__main__":
    sys.exit(main())
