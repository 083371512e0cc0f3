"""Lambda's functions, where moto 5.2.5 is laxer than AWS: images, roles, states, revisions."""

import io
import json
from typing import Any

from botocore.response import StreamingBody
from moto.awslambda.models import ImageConfig
from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before
from tests.strict.images import INDEXES
from tests.strict.lambda_store import LATEST, arn, functions, named, plain, version_of

_UPDATES = (
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
)


def image_uri(call: Call) -> str:
    """Return the image that a call wants, "" for a function of a zip file."""
    return str(call.params.get("ImageUri") or call.params.get("Code", {}).get("ImageUri", ""))


def image_of(uri: str) -> Any:
    """Return ECR's image behind a URI of a tag or a digest, or None."""
    path = uri.partition("/")[2]
    name, _, digest = path.partition("@")
    tag = "" if digest else name.rpartition(":")[2]
    repository = name if digest else name.rpartition(":")[0]
    found = get_backend("ecr")[ACCOUNT][REGION].repositories.get(repository)
    images = found.images if found else []
    return next((i for i in images if i.get_image_digest() == digest or tag in i.image_tags), None)


@before("lambda:CreateFunction", "lambda:UpdateFunctionCode")
def the_image_must_exist(_aws: StrictAws, call: Call) -> None:
    # Lambda resolves the image at once (CreateFunction API reference; the messages are
    # those that aws-lambda-roadmap#82 and serverless#12808 quote).
    uri = image_uri(call)
    if not uri:
        return
    image = image_of(uri)
    if image is None:
        raise RefusedError(
            "InvalidParameterValueException",
            f"Source image {uri} does not exist. Provide a valid source image.",
        )
    if image.image_manifest_media_type in INDEXES:
        raise RefusedError(
            "InvalidParameterValueException",
            "The image manifest, config or layer media type for the source image "
            f"{uri} is not supported.",
        )


@before("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration")
def a_new_role_is_not_assumable_yet(aws: StrictAws, call: Call) -> None:
    """IAM takes seconds to spread a role.

    IAM user guide, "Changes that I make are not always immediately visible"; the text is the
    one that chalice and terraform retry on, for both calls.
    """
    role = call.params.get("Role", "").rpartition("/")[2]
    if aws.state.fresh_roles.get(role, 0):
        aws.state.fresh_roles[role] -= 1
        raise RefusedError(
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        )


@before(*_UPDATES, "lambda:Invoke")
def a_function_must_be_ready(aws: StrictAws, call: Call) -> None:
    """No invoke and no update while Pending, no second update while one is in progress.

    Lambda developer guide, "Lambda function states"; aws-cli#6718 quotes PublishVersion's.
    """
    name, qualifier = named(call)
    which = name, version_of(name, qualifier)
    if aws.state.pending.get(which):
        raise RefusedError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Pending",
            409,
        )
    if call.operation == "Invoke" and which in aws.state.states:
        state = aws.state.states[which]
        if state == "Inactive":
            # The first invoke fails and wakes it.
            del aws.state.states[which]
        raise RefusedError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. "
            f"The function is currently in the following state: {state}",
            409,
        )
    if aws.state.updating.get(which) and call.operation != "Invoke":
        raise RefusedError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for "
            f"resource: {arn(name)}",
            409,
        )


@before(*_UPDATES)
def the_revision_must_match(aws: StrictAws, call: Call) -> None:
    """Botocore's lambda model: RevisionId, PreconditionFailedException (412)."""
    require_revision(aws, call, (plain(call.params["FunctionName"]), LATEST))


def require_revision(aws: StrictAws, call: Call, which: tuple[str, str]) -> None:
    given = call.params.get("RevisionId")
    if given is not None and given != aws.state.revision(which):
        raise RefusedError(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id",
            412,
        )


@after("lambda:CreateFunction")
def a_new_function_is_pending(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's waiter function_active_v2 exists for this."""
    which = plain(call.params["FunctionName"]), LATEST
    aws.state.pending[which] = aws.state.reads
    # A function that is made again is another one: an old RevisionId doesn't fit it.
    aws.state.touch(which)
    _take(aws, which, call)
    complete(aws, parsed)


@after("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
def an_update_takes_a_while(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's waiter function_updated_v2; the settings that moto forgets are kept."""
    if call.params.get("DryRun"):
        return
    which = plain(call.params["FunctionName"]), LATEST
    aws.state.updating[which] = aws.state.reads
    aws.state.touch(which)
    latest = functions()[which[0]]["latest"]
    latest.code_or_config_updated = True
    latest.architectures = call.params.get("Architectures", latest.architectures)
    latest.tracing_config = call.params.get("TracingConfig", latest.tracing_config)
    if "EphemeralStorage" in call.params:
        latest.ephemeral_storage = call.params["EphemeralStorage"]["Size"]
    if "ImageConfig" in call.params:
        latest.image_config = ImageConfig(call.params["ImageConfig"])
    _take(aws, which, call)
    parsed.update(latest.get_configuration())
    complete(aws, parsed)


# Botocore's lambda model, FunctionConfiguration: what is set outside of the image.
_SURROUNDINGS = ("DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn", "SnapStart", "VpcConfig")


def _take(aws: StrictAws, which: tuple[str, str], call: Call) -> None:
    # The image is read after moto took the call: a refused one must leave nothing behind.
    if image_uri(call):
        aws.state.digests[which] = image_of(image_uri(call)).get_image_digest()
    if "LoggingConfig" in call.params:
        aws.state.logging[which] = dict(call.params["LoggingConfig"])
    kept = {key: call.params[key] for key in _SURROUNDINGS if key in call.params}
    aws.state.surroundings.setdefault(which, {}).update(kept)


@after("lambda:GetFunctionConfiguration")
def configuration_tells_the_state(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """GetFunctionConfiguration API reference: states, RevisionId and LoggingConfig."""
    complete(aws, parsed, read=True)


@after("lambda:GetFunction")
def get_function_tells_the_image(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's lambda model, FunctionCodeLocation: ResolvedImageUri, "the resolved URI".

    Moto's is malformed for a digest reference.
    """
    found = parsed["Configuration"]
    uri = parsed["Code"].get("ImageUri")
    if uri:
        repository = uri.partition("@")[0] if "@" in uri else uri.rpartition(":")[0]
        digest = aws.state.digests[found["FunctionName"], found["Version"]]
        parsed["Code"]["ResolvedImageUri"] = f"{repository}@{digest}"
    complete(aws, found, read=True)


@after("lambda:ListVersionsByFunction")
def versions_are_told_in_full(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's lambda model: Versions are FunctionConfigurations, RevisionId included."""
    for found in parsed["Versions"]:
        complete(aws, found)


@after("lambda:ListFunctions")
def the_list_leaves_states_out(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """ListFunctions API reference: State and LastUpdateStatus with their reasons are left out."""
    for found in parsed["Functions"]:
        complete(aws, found)
        for key in ("State", "StateReason", "StateReasonCode"):
            found.pop(key, None)
        for key in ("", "Reason", "ReasonCode"):
            found.pop(f"LastUpdateStatus{key}", None)


def complete(aws: StrictAws, found: dict[str, Any], *, read: bool = False) -> None:
    """Add what moto leaves out of a configuration; a read brings a pending state further."""
    name, state = found["FunctionName"], aws.state
    which = name, found["Version"]
    found["State"], found["LastUpdateStatus"] = "Active", "Successful"
    found["LoggingConfig"] = {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{name}",
        **state.logging.get(which, {}),
    }
    found.update(state.surroundings.get(which, {}))
    for counts, key, value, reason in (
        (state.pending, "State", "Pending", "The function is being created."),
        (state.updating, "LastUpdateStatus", "InProgress", "The function is being updated."),
    ):
        left = counts.get(which, 0)
        if not left:
            continue
        code = "Creating"
        found[key], found[f"{key}Reason"], found[f"{key}ReasonCode"] = value, reason, code
        if read and not aws.peeks:
            counts[which] = left - 1
            if not counts[which]:
                # The revision changes with the state, so one read before is stale.
                state.touch(which)
    if which[1] == LATEST and name in state.failed_updates and not state.updating.get(which):
        code = state.failed_updates[name]
        found.update(
            LastUpdateStatus="Failed",
            LastUpdateStatusReason="The update failed.",
            LastUpdateStatusReasonCode=code,
        )
    found["State"] = state.states.get(which, found["State"])
    if name in state.failed:
        found["State"], found["StateReasonCode"] = "Failed", "InvalidImage"
    found["RevisionId"] = state.revision(which)


@before("lambda:Invoke")
def somebody_must_answer(aws: StrictAws, call: Call) -> dict[str, Any]:
    """Moto's echo proves nothing: the test answers, or nobody does.

    Invoke API reference: the response's shape.
    """
    if aws.answer_invoke is None:
        raise RefusedError("ServiceException", "no test answers Invoke here", 500)
    name, qualifier = named(call)
    answer = {
        "StatusCode": 200,
        "ExecutedVersion": version_of(name, qualifier),
        **aws.answer_invoke(dict(call.params)),
    }
    payload = answer.get("Payload", b"")
    if not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return {**answer, "Payload": StreamingBody(io.BytesIO(payload), len(payload))}
