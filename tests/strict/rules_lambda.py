"""Lambda, where moto 5.2.5 is laxer than AWS."""

import copy
import json
from typing import Any

from moto.awslambda.models import ImageConfig
from moto.awslambda_simple.models import lambda_simple_backends
from moto.backends import get_backend

from tests.strict.aws import ACCOUNT, REGION, Call, RefusedError, StrictAws, after, before
from tests.strict.images import INDEX

_UPDATES = (
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
)
_CONFIGURED = ("lambda:CreateFunction", *_UPDATES, "lambda:GetFunctionConfiguration")


def storage() -> Any:
    # With use_docker off moto serves Lambda from this backend.
    return lambda_simple_backends[ACCOUNT][REGION]._lambdas


def functions() -> dict[str, Any]:
    return dict(storage()._functions)


def plain(name: str) -> str:
    return name.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


@before("lambda:CreateFunction", "lambda:UpdateFunctionCode")
def the_image_must_exist(aws: StrictAws, call: Call) -> None:
    # Lambda resolves the image at once (CreateFunction API reference; the messages are
    # those that aws-lambda-roadmap#82 and serverless#12808 quote).
    uri = call.params.get("ImageUri") or call.params.get("Code", {}).get("ImageUri", "")
    path = uri.partition("/")[2]
    name, _, digest = path.partition("@")
    tag = "" if digest else name.rpartition(":")[2]
    repository = name if digest else name.rpartition(":")[0]
    found = get_backend("ecr")[ACCOUNT][REGION].repositories.get(repository)
    images = found.images if found else []
    image = next((i for i in images if i.get_image_digest() == digest or tag in i.image_tags), None)
    if image is None:
        raise RefusedError(
            "InvalidParameterValueException",
            f"Source image {uri} does not exist. Provide a valid source image.",
        )
    if image.image_manifest_media_type == INDEX:
        raise RefusedError(
            "InvalidParameterValueException",
            "The image manifest, config or layer media type for the source image "
            f"{uri} is not supported.",
        )
    function = plain(call.params["FunctionName"])
    aws.state.digests[function, "wanted"] = image.get_image_digest()


@before("lambda:CreateFunction")
def a_new_role_is_not_assumable_yet(aws: StrictAws, call: Call) -> None:
    """IAM takes seconds to spread a role.

    IAM user guide, "Changes that I make are not always immediately visible"; the text is the
    one that chalice and terraform retry on.
    """
    role = call.params["Role"].rpartition("/")[2]
    if aws.state.fresh_roles.get(role, 0):
        aws.state.fresh_roles[role] -= 1
        raise RefusedError(
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        )


@before(*_UPDATES, "lambda:Invoke")
def a_function_must_be_ready(aws: StrictAws, call: Call) -> None:
    """No invoke and no update while Pending, no second update while one is in progress.

    Lambda developer guide, "Lambda function states".
    """
    name = plain(call.params["FunctionName"])
    if aws.state.pending.get(name):
        raise RefusedError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Pending",
            409,
        )
    if aws.state.updating.get(name) and call.operation != "Invoke":
        raise RefusedError(
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for "
            f"resource: arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
            409,
        )


@before(*_UPDATES, "lambda:UpdateAlias")
def the_revision_must_match(aws: StrictAws, call: Call) -> None:
    """Botocore's lambda model: RevisionId, PreconditionFailedException (412)."""
    given = call.params.get("RevisionId")
    name = plain(call.params["FunctionName"])
    if call.operation == "UpdateAlias":
        name = f"{name}:{call.params['Name']}"
    if given is not None and given != aws.state.revision(name):
        raise RefusedError(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id",
            412,
        )


@after("lambda:CreateFunction")
def a_new_function_is_pending(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's waiter function_active_v2 exists for this."""
    name = plain(call.params["FunctionName"])
    aws.state.pending[name] = aws.state.reads
    aws.state.digests[name, "$LATEST"] = aws.state.digests.pop((name, "wanted"))
    _remember(aws, name, call.params)
    _complete(aws, parsed)


@after("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
def an_update_takes_a_while(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's waiter function_updated_v2; the settings that moto forgets are kept."""
    name = plain(call.params["FunctionName"])
    aws.state.updating[name] = aws.state.reads
    aws.state.touch(name)
    latest = functions()[name]["latest"]
    latest.code_or_config_updated = True
    if (name, "wanted") in aws.state.digests:
        aws.state.digests[name, "$LATEST"] = aws.state.digests.pop((name, "wanted"))
        latest.architectures = call.params.get("Architectures", latest.architectures)
    if "EphemeralStorage" in call.params:
        latest.ephemeral_storage = call.params["EphemeralStorage"]["Size"]
    if "ImageConfig" in call.params:
        latest.image_config = ImageConfig(call.params["ImageConfig"])
    _remember(aws, name, call.params)
    parsed.update(latest.get_configuration())
    _complete(aws, parsed)


def _remember(aws: StrictAws, name: str, params: dict[str, Any]) -> None:
    if "LoggingConfig" in params:
        aws.state.logging[name] = params["LoggingConfig"]


@after("lambda:PublishVersion")
def a_version_never_changes(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """A version is a copy; moto shares the objects of $LATEST with its versions.

    Lambda developer guide, "Manage Lambda function versions".
    """
    name, number = plain(call.params["FunctionName"]), parsed["Version"]
    version = next(v for v in functions()[name]["versions"] if str(v.version) == number)
    for attribute in ("code", "environment_vars", "image_config", "tracing_config"):
        setattr(version, attribute, copy.deepcopy(getattr(version, attribute)))
    aws.state.digests.setdefault((name, number), aws.state.digests[name, "$LATEST"])
    _complete(aws, parsed)


@after("lambda:GetFunctionConfiguration")
def configuration_tells_the_state(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """State, LastUpdateStatus, RevisionId and LoggingConfig, as AWS answers them."""
    _complete(aws, parsed, read=True)


@after("lambda:GetFunction")
def get_function_tells_the_image(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Moto's ResolvedImageUri is malformed for a digest reference."""
    found = parsed["Configuration"]
    uri = parsed["Code"]["ImageUri"]
    repository = uri.partition("@")[0] if "@" in uri else uri.rpartition(":")[0]
    qualifier = call.params.get("Qualifier", "$LATEST")
    number = found["Version"] if qualifier != "$LATEST" else "$LATEST"
    digest = aws.state.digests[found["FunctionName"], number]
    parsed["Code"]["ResolvedImageUri"] = f"{repository}@{digest}"
    _complete(aws, found, read=True)


def _complete(aws: StrictAws, found: dict[str, Any], *, read: bool = False) -> None:
    name = found["FunctionName"]
    state = aws.state
    found["State"], found["LastUpdateStatus"] = "Active", "Successful"
    found["LoggingConfig"] = {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{name}",
        **state.logging.get(name, {}),
    }
    for counts, key, value, reason in (
        (state.pending, "State", "Pending", "The function is being created."),
        (state.updating, "LastUpdateStatus", "InProgress", "The function is being updated."),
    ):
        left = counts.get(name, 0)
        if not left:
            continue
        found[key], found[f"{key}Reason"] = value, reason
        if read:
            counts[name] = left - 1
            if not counts[name]:
                # The revision changes with the state, so one read before is stale.
                state.touch(name)
    if name in state.failed:
        found["State"], found["StateReasonCode"] = "Failed", "InvalidImage"
    found["RevisionId"] = state.revision(name)


@after("lambda:CreateAlias", "lambda:GetAlias", "lambda:UpdateAlias")
def an_alias_has_a_revision(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's lambda model: AliasConfiguration.RevisionId."""
    name = f"{plain(call.params['FunctionName'])}:{call.params['Name']}"
    if call.operation != "GetAlias":
        aws.state.touch(name)
    parsed["RevisionId"] = aws.state.revision(name)


@before("lambda:DeleteFunction")
def a_version_in_use_stays(aws: StrictAws, call: Call) -> None:
    """A version that an alias refers to can't be deleted; the whole function can.

    DeleteFunction API reference.
    """
    name = plain(call.params["FunctionName"])
    number = call.params.get("Qualifier")
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    aliases = storage()._aliases.get(arn, {}).values()
    if number is None:
        aws.state.failed.discard(name)
        for known in (aws.state.pending, aws.state.updating, aws.state.logging):
            known.pop(name, None)
        for key in [key for key in aws.state.policies if key[0] == name]:
            del aws.state.policies[key]
    elif any(alias.function_version == number for alias in aliases):
        raise RefusedError(
            "ResourceConflictException",
            f"Function was unable to be deleted due to a reference to version {number}",
            409,
        )


@before("lambda:AddPermission")
def a_statement_id_is_unique(aws: StrictAws, call: Call) -> dict[str, Any]:
    # AddPermission API reference: ResourceConflictException for an id that exists; a policy
    # belongs to its qualifier (moto mixes them).
    params = call.params
    name, qualifier = plain(params["FunctionName"]), params.get("Qualifier", "$LATEST")
    _require(name, qualifier)
    known = aws.state.policies.setdefault((name, qualifier), [])
    if any(one["Sid"] == params["StatementId"] for one in known):
        raise RefusedError(
            "ResourceConflictException",
            f"The statement id ({params['StatementId']}) provided already exists. Please "
            "provide a new statement id, or remove the existing statement.",
            409,
        )
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": {"Service": params["Principal"]},
        "Action": params["Action"],
        "Resource": arn if qualifier == "$LATEST" else f"{arn}:{qualifier}",
        "Condition": {"ArnLike": {"AWS:SourceArn": params.get("SourceArn", "*")}},
    }
    known.append(statement)
    return {"Statement": json.dumps(statement)}


@before("lambda:GetPolicy")
def a_policy_belongs_to_its_qualifier(aws: StrictAws, call: Call) -> dict[str, Any]:
    """GetPolicy API reference: Qualifier."""
    name, qualifier = plain(call.params["FunctionName"]), call.params.get("Qualifier", "$LATEST")
    known = aws.state.policies.get((name, qualifier))
    if not known:
        raise RefusedError(
            "ResourceNotFoundException", "The resource you requested does not exist.", 404
        )
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": known}
    return {"Policy": json.dumps(policy), "RevisionId": "policy"}


@before("lambda:RemovePermission")
def a_missing_statement_is_an_error(aws: StrictAws, call: Call) -> dict[str, Any]:
    """RemovePermission API reference: ResourceNotFoundException."""
    key = plain(call.params["FunctionName"]), call.params.get("Qualifier", "$LATEST")
    known = aws.state.policies.get(key, [])
    kept = [one for one in known if one["Sid"] != call.params["StatementId"]]
    if len(kept) == len(known):
        raise RefusedError("ResourceNotFoundException", "Statement is not found.", 404)
    aws.state.policies[key] = kept
    return {}


@before("lambda:DeleteAlias")
def an_alias_takes_its_policy_along(aws: StrictAws, call: Call) -> None:
    """The policy is the qualifier's, and goes with it."""
    aws.state.policies.pop((plain(call.params["FunctionName"]), call.params["Name"]), None)


def _require(name: str, qualifier: str) -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    there = name in functions() and (
        qualifier == "$LATEST" or qualifier in storage()._aliases.get(arn, {})
    )
    if not there:
        raise RefusedError("ResourceNotFoundException", f"Function not found: {arn}", 404)
