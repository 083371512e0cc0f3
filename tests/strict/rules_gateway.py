"""API Gateway's HTTP APIs, where moto 5.2.5 is laxer than AWS."""

from typing import Any

from moto.backends import get_backend

from tests.strict.aws import ACCOUNT, REGION, Call, RefusedError, StrictAws, after, before

PAGE = 2
"""Items of a page of GetApis: small, so that paging is always exercised."""


def api_of(call: Call) -> Any:
    apis = get_backend("apigatewayv2")[ACCOUNT][REGION].apis
    if call.params["ApiId"] not in apis:
        raise RefusedError("NotFoundException", "Invalid API identifier specified", 404)
    return apis[call.params["ApiId"]]


@before("apigatewayv2:CreateRoute")
def a_route_key_is_unique(_aws: StrictAws, call: Call) -> None:
    """CreateRoute API reference: ConflictException."""
    key = call.params["RouteKey"]
    if any(route.route_key == key for route in api_of(call).routes.values()):
        raise RefusedError("ConflictException", f"Route with key {key} already exists", 409)


@before("apigatewayv2:CreateStage")
def a_stage_is_made_once(_aws: StrictAws, call: Call) -> None:
    """CreateStage API reference: ConflictException; moto overwrites."""
    if call.params["StageName"] in api_of(call).stages:
        raise RefusedError("ConflictException", "Stage already exists", 409)


@before("apigatewayv2:UpdateStage")
def a_stage_can_be_updated(_aws: StrictAws, call: Call) -> dict[str, Any]:
    """UpdateStage, which moto doesn't have; what isn't given stays."""
    stage = api_of(call).stages.get(call.params["StageName"])
    if stage is None:
        raise RefusedError("NotFoundException", "Invalid stage identifier specified", 404)
    if "DefaultRouteSettings" in call.params:
        stage.default_route_settings = {
            name[0].lower() + name[1:]: value
            for name, value in call.params["DefaultRouteSettings"].items()
        }
    if "AutoDeploy" in call.params:
        stage.auto_deploy = call.params["AutoDeploy"]
    return {"StageName": stage.name}


@before("apigatewayv2:DeleteIntegration")
def an_integration_in_use_stays(_aws: StrictAws, call: Call) -> None:
    """DeleteIntegration API reference: ConflictException while a route targets it."""
    target = f"integrations/{call.params['IntegrationId']}"
    api = api_of(call)
    if call.params["IntegrationId"] not in api.integrations:
        raise RefusedError("NotFoundException", "Invalid Integration identifier specified", 404)
    if any(route.target == target for route in api.routes.values()):
        raise RefusedError(
            "ConflictException", "Cannot delete Integration, it is referenced by a route", 409
        )


@after("apigatewayv2:GetApis")
def apis_come_in_pages(_aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """GetApis API reference: NextToken; moto gives all at once."""
    start = int(call.params.get("NextToken", "0"))
    items = parsed.get("Items", [])
    parsed["Items"] = items[start : start + PAGE]
    if start + PAGE < len(items):
        parsed["NextToken"] = str(start + PAGE)


@after("apigatewayv2:GetApis")
def cors_is_absent_where_none_is_set(_aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """AWS leaves CorsConfiguration out; moto answers an empty one."""
    for api in parsed["Items"]:
        if not api.get("CorsConfiguration"):
            api.pop("CorsConfiguration", None)
