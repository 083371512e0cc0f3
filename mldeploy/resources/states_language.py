"""The definition of the state machine that scores in batches, in the Amazon States Language.

Step Functions developer guide: "Using Map state in Distributed mode", "Handling errors in Step
Functions workflows". The definition names no job: its input has the function's version, the output,
and the bucket and key of the list of chunks that Gather writes.

    Count ─► Gather ─► chunks to score? ─ no ─► Done
      ▲                      │ yes
      └──── Score (Map over the lines of the list)

The first round scores the planned chunks, the second the CSV files that can't be cut. A third one
would repeat a round that changed nothing.
"""

from typing import Any

from mldeploy.config import BatchConfig

LABEL = "Chunks"
"""Of the map, as part of its children's names."""
ROUNDS = 4
"""Gathers: before the chunks, after them, after whole files, and one to spare."""

# Lambda developer guide, "Orchestrating Lambda functions with Step Functions", with backoff and
# full jitter, because all chunks of a map are throttled together. A reserved concurrency that is
# taken up returns TooManyRequestsException.
_LAMBDA = {
    "ErrorEquals": [
        "Lambda.TooManyRequestsException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
    ],
    "IntervalSeconds": 1,
    "MaxAttempts": 8,
    "BackoffRate": 2,
    "MaxDelaySeconds": 30,
    "JitterStrategy": "FULL",
}
# No further attempt changes these: another input or release, too many rows that don't fit.
_FINAL = {
    "ErrorEquals": ["InputError", "OtherReleaseError", "TooManyErrorsError"],
    "MaxAttempts": 0,
}
# All else: an environment that was killed or ran out of time, S3 that kept throttling.
_WORKER = {
    "ErrorEquals": ["States.TaskFailed", "States.Timeout"],
    "IntervalSeconds": 2,
    "MaxAttempts": 4,
    "BackoffRate": 2,
    "MaxDelaySeconds": 30,
    "JitterStrategy": "FULL",
}
RETRY = [_FINAL, _LAMBDA, _WORKER]


def definition(batch: BatchConfig, partition: str) -> dict[str, Any]:
    """Return the definition.

    Its input is {"output": URI, "bucket": …, "key": …, "function": ARN of a version, "round": 0}.
    """
    kept = {f"{name}.$": f"$.{name}" for name in ("output", "bucket", "key", "function")}
    return {
        "Comment": "Batch scoring, deployed by mldeploy",
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Pass",
                "Parameters": {**kept, "round.$": "States.MathAdd($.round, 1)"},
                "Next": "Gather",
            },
            "Gather": {
                **_invoke("batch-gather", {"output.$": "$.output"}, partition),
                "ResultSelector": {"again.$": "$.Payload.again"},
                "ResultPath": "$.gathered",
                "Next": "IsDone",
            },
            "IsDone": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.gathered.again", "NumericEquals": 0, "Next": "Done"},
                    {"Variable": "$.round", "NumericGreaterThanEquals": ROUNDS, "Next": "Stuck"},
                ],
                "Default": "Score",
            },
            "Score": _score(batch, partition),
            "Done": {"Type": "Succeed"},
            "Stuck": {
                "Type": "Fail",
                "Error": "ChunksLeft",
                "Cause": "every chunk was scored, but parts are missing or have another size",
            },
        },
    }


def _score(batch: BatchConfig, partition: str) -> dict[str, Any]:
    """Return the map, whose children return nothing: a state's output is limited to 256 KiB."""
    chunk = {
        **_invoke("batch", {"output.$": "$.output", "chunk.$": "$.chunk"}, partition),
        "OutputPath": None,
        "End": True,
    }
    return {
        "Type": "Map",
        "Label": LABEL,
        "MaxConcurrency": batch.concurrency,
        "ToleratedFailurePercentage": 0,
        "ItemReader": {
            "Resource": f"arn:{partition}:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
        },
        "ItemSelector": {
            "output.$": "$.output",
            "function.$": "$.function",
            "chunk.$": "$$.Map.Item.Value",
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Chunk",
            "States": {"Chunk": chunk},
        },
        "ResultPath": None,
        "Next": "Count",
    }


def _invoke(event: str, told: dict[str, str], partition: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName.$": "$.function", "Payload": {"mldeploy": event, **told}},
        "Retry": RETRY,
    }
