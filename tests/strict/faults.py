"""What a test makes go wrong: a crash, a permission that is missing, throttling."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.strict.calls import ACCOUNT, REGION, Call, Crash, RefusedError
from tests.strict.wire import refusal, throttling

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.strict.storm import Storm

_DENIED = {"iam": "AccessDenied", "sts": "AccessDenied"}
# IAM reference, "Actions, resources, and condition keys for AWS Lambda".
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}


@dataclass
class Faults:
    """The faults that are set.

    Attributes:
        denied: IAM actions, or calls, that are refused.
        throttled: attempts of a call that are still to be throttled.
        crash: (k, "before", "after" or "lost"), or None; "lost" is no crash: the call takes
            effect, its answer never comes.
        only_mutating: count only the calls that change something.
        for_good: whether a process that crashed stays dead; else the next call works.
        dead: whether it is.
        counted: calls since the crash was set.
        storm: what the weather is like, or None for a calm.
    """

    denied: set[str] = field(default_factory=set)
    throttled: dict[str, int] = field(default_factory=dict)
    crash: tuple[int, str] | None = None
    only_mutating: bool = True
    for_good: bool = False
    dead: bool = False
    counted: int = 0
    storm: "Storm | None" = None

    def crash_if_due(self, call: Call, when: str) -> None:
        """Die if this is the call.

        Raises:
            Crash: it is.
        """
        if self.dead:
            raise Crash("this process is dead")
        if self.crash is None or (self.only_mutating and not call.mutating):
            return
        if when == "before":
            self.counted += 1
            call.number = self.counted
        if (call.number, when) == self.crash:
            self.crash, self.dead = None, self.for_good
            raise Crash(f"{when} call {call.number}, {call.name}")

    def loses(self, call: Call) -> bool:
        """Tell whether this call's answer gets lost."""
        lost = self.crash == (call.number, "lost")
        if lost:
            self.crash = None
        return lost or (self.storm is not None and self.storm.loses(call))

    def refuse_if_denied(self, call: Call) -> None:
        """Answer as IAM does, or as the weather is.

        IAM user guide, "Troubleshoot access denied error messages"; feast#2800 quotes one.

        Raises:
            RefusedError: AccessDenied or AccessDeniedException.
        """
        if self.storm:
            self.storm.befall(call)
        action = _ACTIONS.get(call.name, call.name)
        if not {action, call.name} & self.denied:
            return
        raise RefusedError(
            _DENIED.get(call.service, "AccessDeniedException"),
            f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: "
            f"{action} on resource: {arn_of(call)} because no identity-based policy allows "
            f"the {action} action",
            403,
        )

    def throttle_if_due(self, call: Call, request: "AWSPreparedRequest") -> "AWSResponse | None":
        """Answer an attempt with throttling, on the wire, so that botocore's retries act."""
        left = self.throttled.get(call.name, 0)
        if left:
            self.throttled[call.name] = left - 1
            return refusal(call, request, *throttling(call))
        return self.storm.blow(call, request) if self.storm else None


def arn_of(call: Call) -> str:
    """Return the ARN that IAM names in a refusal, "*" for a call without a resource.

    Service authorization reference, the "Resource types" of each service.
    """
    params = call.params
    match call.service:
        case "lambda" if "FunctionName" in params:
            name = str(params["FunctionName"]).rsplit(":function:", maxsplit=1)[-1]
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        case "iam" if "RoleName" in params:
            return f"arn:aws:iam::{ACCOUNT}:role/{params['RoleName']}"
        case "ecr" if "repositoryName" in params:
            return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{params['repositoryName']}"
        case "logs" if "logGroupName" in params:
            return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{params['logGroupName']}:log-stream:"
        case "apigatewayv2":
            api = params.get("ApiId")
            return f"arn:aws:apigateway:{REGION}::/apis" + (f"/{api}" if api else "")
    return "*"
