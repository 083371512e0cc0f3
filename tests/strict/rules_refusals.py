"""What AWS refuses of an account or of a value, in its own words."""

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, before


@before("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration")
def a_new_account_has_less_memory(aws: StrictAws, call: Call) -> None:
    """3,008 MB in a new account; remotion#2737 and aws-lambda-power-tuning#181 quote the text."""
    if int(call.params.get("MemorySize", 0)) > aws.state.most_memory:
        raise RefusedError(
            "ValidationException",
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or "
            f"equal to {aws.state.most_memory}",
        )
