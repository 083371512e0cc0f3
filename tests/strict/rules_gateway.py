"""API Gateway's HTTP APIs, where moto 5.2.5 is laxer than AWS."""

from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before


def api_of(call: Call) -> Any:
    apis = get_backend("apigatewayv2")[ACCOUNT][REGION].apis
    if call.params["ApiId"] not in apis:
        raise RefusedError("NotFoundException", "Invalid API identifier specified", 404)
    return apis[call.params["ApiId"]]


@before("apigatewayv2:CreateRoute", "apigatewayv2:UpdateRoute")
def a_route_key_is_unique(_aws: StrictAws, call: Call) -> None:
    """CreateRoute and UpdateRoute API references: ConflictException."""
    key, itself = call.params.get("RouteKey"), call.params.get("RouteId")
    others = [one for one in api_of(call).routes.values() if one.route_id != itself]
    if any(route.route_key == key for route in others):
        raise RefusedError("ConflictException", f"Route with key {key} already exists", 409)


@before("apigatewayv2:CreateIntegration")
def the_payload_has_a_version(_aws: StrictAws, call: Call) -> None:
    """CreateIntegration API reference: payloadFormatVersion is required for HTTP APIs."""
    if api_of(call).protocol_type == "HTTP" and "PayloadFormatVersion" not in call.params:
        raise RefusedError("BadRequestException", "PayloadFormatVersion is a required parameter")


@before("apigatewayv2:CreateStage")
def a_stage_is_made_once(_aws: StrictAws, call: Call) -> None:
    """CreateStage API reference: ConflictException; moto overwrites."""
    if call.params["StageName"] in api_of(call).stages:
        raise RefusedError("ConflictException", "Stage already exists", 409)


@before("apigatewayv2:UpdateRoute")
def a_list_of_scopes_may_be_empty(_aws: StrictAws, call: Call) -> None:
    """Botocore's apigatewayv2 model, UpdateRoute: AuthorizationScopes; moto takes [] for none."""
    route = api_of(call).routes.get(call.params["RouteId"])
    if route is not None and call.params.get("AuthorizationScopes") == []:
        route.authorization_scopes = []


@before("apigatewayv2:UpdateStage")
def a_stage_can_be_updated(_aws: StrictAws, call: Call) -> dict[str, Any]:
    """UpdateStage API reference; moto doesn't have it. What isn't given stays."""
    stage = api_of(call).stages.get(call.params["StageName"])
    if stage is None:
        raise RefusedError("NotFoundException", "Invalid stage identifier specified", 404)
    for name, value in call.params.items():
        if name == "DefaultRouteSettings":
            stage.default_route_settings = _lowered(value)
        elif name == "AccessLogSettings":
            stage.access_log_settings = _lowered(value)
        elif name == "RouteSettings":
            stage.route_settings |= {key: _lowered(one) for key, one in value.items()}
        elif name in _STAGE_FIELDS:
            setattr(stage, _STAGE_FIELDS[name], value)
    settings = stage.default_route_settings
    return {
        "StageName": stage.name,
        "AutoDeploy": bool(stage.auto_deploy),
        "DefaultRouteSettings": {f"{key[0].upper()}{key[1:]}": settings[key] for key in settings},
        "StageVariables": stage.stage_variables,
    }


@before("apigatewayv2:DeleteRouteSettings")
def the_settings_of_a_route_can_be_removed(_aws: StrictAws, call: Call) -> dict[str, Any]:
    """DeleteRouteSettings API reference, NotFoundException; moto doesn't have it."""
    stage = api_of(call).stages.get(call.params["StageName"])
    if stage is None or stage.route_settings.pop(call.params["RouteKey"], None) is None:
        raise RefusedError("NotFoundException", "Invalid route settings specified", 404)
    return {}


@before("apigatewayv2:GetAuthorizers")
def authorizers_are_listed(_aws: StrictAws, call: Call) -> dict[str, Any]:
    """GetAuthorizers, which moto doesn't have: botocore's apigatewayv2 model."""
    return {
        "Items": [
            {
                "AuthorizerId": one.id,
                "Name": one.name,
                "AuthorizerType": one.authorizer_type,
                "IdentitySource": one.identity_source,
                "JwtConfiguration": _raised(one.jwt_config or {}),
            }
            for one in api_of(call).authorizers.values()
        ]
    }


def _raised(settings: dict[str, Any]) -> dict[str, Any]:
    return {f"{name[0].upper()}{name[1:]}": value for name, value in settings.items()}


@before("apigatewayv2:CreateAuthorizer", "apigatewayv2:UpdateAuthorizer")
def an_authorizers_name_is_unique(_aws: StrictAws, call: Call) -> None:
    """BadRequestException within one API: aws-cdk#13711 and aws-cdk#20170 quote it."""
    name, itself = call.params.get("Name"), call.params.get("AuthorizerId")
    if any(one.name == name for one in api_of(call).authorizers.values() if one.id != itself):
        raise RefusedError(
            "BadRequestException",
            f"Authorizer name must be unique. Authorizer {name} already exists in this RestApi.",
        )


@before(
    "apigatewayv2:DeleteApi",
    "apigatewayv2:DeleteAuthorizer",
    "apigatewayv2:DeleteRoute",
    "apigatewayv2:DeleteStage",
)
def what_is_gone_cant_be_deleted(_aws: StrictAws, call: Call) -> None:
    """DeleteApi, DeleteRoute, … API references: NotFoundException; moto accepts it."""
    api = api_of(call)
    known = {
        "DeleteAuthorizer": (api.authorizers, "AuthorizerId"),
        "DeleteRoute": (api.routes, "RouteId"),
        "DeleteStage": (api.stages, "StageName"),
    }
    there, key = known.get(call.operation, ({}, ""))
    if key and call.params[key] not in there:
        raise RefusedError("NotFoundException", f"Invalid {key} specified", 404)


@before("apigatewayv2:CreateRoute", "apigatewayv2:UpdateRoute")
def a_route_names_an_authorizer_that_is_there(_aws: StrictAws, call: Call) -> None:
    """CreateRoute API reference: AuthorizerId is needed with JWT."""
    if call.params.get("AuthorizationType") != "JWT":
        return
    if call.params.get("AuthorizerId") not in api_of(call).authorizers:
        raise RefusedError("BadRequestException", "Invalid authorizer specified")


@before("apigatewayv2:DeleteAuthorizer")
def an_authorizer_in_use_stays(_aws: StrictAws, call: Call) -> None:
    """DeleteAuthorizer API reference: ConflictException while a route uses it."""
    wanted = call.params["AuthorizerId"]
    routes = api_of(call).routes.values()
    if any(one.authorization_type == "JWT" and one.authorizer_id == wanted for one in routes):
        raise RefusedError("ConflictException", "Cannot delete authorizer, it is in use", 409)


# Botocore's apigatewayv2 model, UpdateStageRequest, and moto's names for the same.
_STAGE_FIELDS = {
    "AutoDeploy": "auto_deploy",
    "Description": "description",
    "StageVariables": "stage_variables",
}


def _lowered(settings: dict[str, Any]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in settings.items()}


@before("apigatewayv2:DeleteIntegration")
def an_integration_in_use_stays(_aws: StrictAws, call: Call) -> None:
    """ConflictException while a route targets it: terraform-aws-next-js#247 quotes it."""
    target = f"integrations/{call.params['IntegrationId']}"
    api = api_of(call)
    if call.params["IntegrationId"] not in api.integrations:
        raise RefusedError("NotFoundException", "Invalid Integration identifier specified", 404)
    users = [route.route_id for route in api.routes.values() if route.target == target]
    if users:
        raise RefusedError(
            "ConflictException",
            "Cannot delete Integration because it is referenced by the following Routes with "
            f"Ids: [{', '.join(users)}]",
            409,
        )


@after(
    "apigatewayv2:GetApis",
    "apigatewayv2:GetAuthorizers",
    "apigatewayv2:GetIntegrations",
    "apigatewayv2:GetRoutes",
    "apigatewayv2:GetStages",
)
def lists_come_in_pages(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """GetApis, GetRoutes … API reference: MaxResults, NextToken; moto gives all at once."""
    start = int(call.params.get("NextToken", "0"))
    size = int(call.params.get("MaxResults", aws.state.page))
    items = parsed.get("Items", [])
    parsed["Items"] = items[start : start + size]
    if start + size < len(items):
        parsed["NextToken"] = str(start + size)


@after("apigatewayv2:GetApis")
def cors_is_absent_where_none_is_set(_aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's apigatewayv2 model: Api.CorsConfiguration isn't required; moto's is empty."""
    for api in parsed["Items"]:
        if not api.get("CorsConfiguration"):
            api.pop("CorsConfiguration", None)


@after("apigatewayv2:CreateApi", "apigatewayv2:GetApis", "apigatewayv2:UpdateApi")
def cors_comes_back_otherwise(_aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """Names of headers in lower case: cdk-real-drift#257, recorded live. No list has an order."""
    for api in parsed.get("Items", [parsed]):
        cors = api.get("CorsConfiguration") or {}
        for name in ("AllowHeaders", "ExposeHeaders"):
            if name in cors:
                cors[name] = [one.lower() for one in cors[name]]
        for name, value in cors.items():
            if isinstance(value, list):
                cors[name] = sorted(value, reverse=True)


@after("apigatewayv2:CreateRoute", "lambda:AddPermission")
def a_new_way_takes_time_to_spread(aws: StrictAws, _call: Call, _parsed: dict[str, Any]) -> None:
    """Refused by the gateway for up to a minute: terraform-provider-aws#17604, serverless#9525.

    For `tests.support.runtime`, which answers requests.
    """
    aws.state.refusing = list(aws.state.refusals)


@after("apigatewayv2:GetStage", "apigatewayv2:GetStages")
def a_stage_tells_of_its_last_deployment(
    aws: StrictAws, call: Call, parsed: dict[str, Any]
) -> None:
    """Botocore's apigatewayv2 model, Stage: LastDeploymentStatusMessage, with AutoDeploy only.

    A deployment runs after the call that made it needed, so a read may still tell of the one
    before. moto says nothing.
    """
    messages = aws.state.stage_messages
    for stage in parsed.get("Items", [parsed]):
        if messages and stage.get("AutoDeploy"):
            stage["LastDeploymentStatusMessage"] = messages[0]
    if len(messages) > 1 and call.operation == "GetStage" and not aws.is_ours:
        messages.pop(0)


@before("apigatewayv2:CreateAuthorizer", "apigatewayv2:UpdateAuthorizer")
def an_issuer_is_asked_for_its_keys(aws: StrictAws, call: Call) -> None:
    """BadRequestException where it doesn't answer: haandol/cognito-kakao-example#1 quotes it."""
    issuer = call.params.get("JwtConfiguration", {}).get("Issuer", "")
    if issuer in aws.state.silent_issuers:
        document = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        raise RefusedError(
            "BadRequestException",
            f"Caught exception when connecting to {document} for issuer {issuer}. Please try "
            f"again later. Error: Invalid issuer: {issuer}. Issuer must have a valid discovery "
            "endpoint ended with '/.well-known/openid-configuration'",
        )
