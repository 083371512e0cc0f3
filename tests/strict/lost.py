"""Answers that get lost: the call took effect, and botocore's next attempt meets that."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import create_parser

from tests.strict.calls import AFTER, BEFORE, Call, RefusedError
from tests.strict.wire import refusal

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.strict.aws import StrictAws


def lose_the_answer(aws: "StrictAws", call: Call, context: dict[str, Any]) -> None:
    """Make the call once, to no avail; what follows is botocore's next attempt, if any.

    Rules see calls and not attempts: so it is another call, as strict as the first.

    Raises:
        ConnectionClosedError: where the client makes one attempt only.
    """
    with aws.unwatched(), suppress(ClientError):
        getattr(aws.plain_client(call.service), xform_name(call.operation))(**call.params)
    aws.call = call
    if aws.watch and call.mutating:
        aws.watch(call)
    call.retried = True
    retries = getattr(context.get("client_config"), "retries", None) or {}
    if retries.get("total_max_attempts") == 1:
        raise ConnectionClosedError(endpoint_url=f"https://{call.service}.test")


def attempt_again(
    aws: "StrictAws", call: Call, lost: dict[str, Any], request: "AWSPreparedRequest"
) -> "AWSResponse | None":
    """Let the rules see the second attempt of a call whose first answer was cut on the wire.

    Args:
        aws: the account.
        call: which.
        lost: the first answer: status_code, headers, body.
        request: of the second attempt.
    """
    model = aws.plain_client(call.service).meta.service_model
    shape = model.operation_model(call.operation).output_shape
    parsed = create_parser(model.resolved_protocol).parse(lost, shape)
    try:
        for mend in AFTER.get(call.name, []):
            mend(aws, call, parsed)
        for rule in BEFORE.get(call.name, []):
            rule(aws, call)
    except RefusedError as refused:
        return refusal(call, request, refused.code, refused.status)
    return None
