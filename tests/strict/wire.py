"""Errors as they come over the wire, so that botocore's own retries act."""

import json
from typing import TYPE_CHECKING

from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from tests.strict.calls import Call

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

# The codes and statuses that each service throttles with: botocore's
# retries/standard.py, ThrottledRetryableChecker, and the services' own error lists.
_THROTTLING = {
    "lambda": ("TooManyRequestsException", 429),
    "apigatewayv2": ("TooManyRequestsException", 429),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
}


def throttling(call: Call) -> tuple[str, int]:
    """Return the code and the status that a service throttles with."""
    return _THROTTLING.get(call.service, ("ThrottlingException", 400))


def refusal(call: Call, request: "AWSPreparedRequest", code: str, status: int) -> AWSResponse:
    """Return an error as it comes over the wire."""
    if call.service in {"iam", "sts"}:
        body = (
            "<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{code}</Code><Message>Rate exceeded</Message></Error>"
            "<RequestId>strict</RequestId></ErrorResponse>"
        )
    else:
        body = json.dumps({"__type": code, "message": "Rate exceeded"})
    headers = {"x-amzn-errortype": code}
    return AWSResponse(request.url, status, headers, MockRawResponse(body))
