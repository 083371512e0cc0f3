"""What a state machine that scores in batches may do."""

from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.resources.bucket_access import objects_of


def machine_arn(name: str, account: Account) -> str:
    """Return a state machine's ARN."""
    return account.arn("states", f"stateMachine:{name}")


def states_statements(
    name: str, outputs: tuple[str, ...], account: Account
) -> list[dict[str, Any]]:
    """Return the statements: invoke versions, start the map's children, read lists of chunks.

    Step Functions developer guide, "IAM policies for using Distributed Map states".

    Args:
        name: the batch function's in Lambda, which is also the state machine's.
        outputs: prefixes beneath which jobs write.
        account: of the stage.
    """
    children = [account.arn("states", f"execution:{name}{one}*") for one in ":/"]
    allowed: tuple[tuple[list[str], list[str]], ...] = (
        (["lambda:InvokeFunction"], [account.arn("lambda", f"function:{name}:*")]),
        (["states:StartExecution"], [machine_arn(name, account)]),
        (["states:DescribeExecution", "states:StopExecution"], children),
        (["s3:GetObject"], sorted(set(objects_of(outputs, account.partition, "*_job/*")))),
    )
    return [{"Effect": "Allow", "Action": one, "Resource": on} for one, on in allowed]
