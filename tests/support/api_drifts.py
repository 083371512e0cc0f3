"""What people change by hand in an HTTP API and around it, one thing at a time."""

import json
from collections.abc import Callable
from typing import Any

from mldeploy.resources.base import Context
from tests.support.stacks import REGION

NAME = "mldeploy_iris_dev_predict"
Drift = Callable[[Context], Any]


def gateway(where: Context) -> Any:
    return where.clients.gateway


def api_id(where: Context) -> str:
    return str(gateway(where).get_apis()["Items"][0]["ApiId"])


def first(where: Context, what: str) -> dict[str, Any]:
    found = getattr(gateway(where), f"get_{what}")(ApiId=api_id(where))["Items"]
    return dict(found[0])


def unroute(where: Context) -> None:
    gateway(where).delete_route(ApiId=api_id(where), RouteId=first(where, "routes")["RouteId"])


def retarget(where: Context) -> None:
    """Point the integration at $LATEST instead of the alias."""
    integration = first(where, "integrations")
    uri = integration["IntegrationUri"].removesuffix(":live")
    gateway(where).update_integration(
        ApiId=api_id(where), IntegrationId=integration["IntegrationId"], IntegrationUri=uri
    )


def slow_integration(where: Context) -> None:
    gateway(where).update_integration(
        ApiId=api_id(where),
        IntegrationId=first(where, "integrations")["IntegrationId"],
        TimeoutInMillis=50,
    )


def lock_route(where: Context) -> None:
    gateway(where).update_route(
        ApiId=api_id(where),
        RouteId=first(where, "routes")["RouteId"],
        AuthorizationType="AWS_IAM",
    )


def rewiring(**settings: Any) -> Drift:
    """Change the integration."""

    def drift(where: Context) -> None:
        integration = first(where, "integrations")["IntegrationId"]
        gateway(where).update_integration(
            ApiId=api_id(where), IntegrationId=integration, **settings
        )

    return drift


def divert(where: Context) -> None:
    """Point the route at an integration of somebody else's."""
    other = gateway(where).create_integration(
        ApiId=api_id(where),
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="POST",
        IntegrationUri="https://other.example/",
        PayloadFormatVersion="1.0",
    )
    gateway(where).update_route(
        ApiId=api_id(where),
        RouteId=first(where, "routes")["RouteId"],
        Target=f"integrations/{other['IntegrationId']}",
    )


def unroute_wholly(where: Context) -> None:
    """Delete the route and the integration behind it."""
    integration = first(where, "integrations")["IntegrationId"]
    unroute(where)
    gateway(where).delete_integration(ApiId=api_id(where), IntegrationId=integration)


def permitted_otherwise(**change: str) -> Drift:
    """Put another statement in the place of the gateway's."""

    def drift(where: Context) -> None:
        functions = where.clients.functions
        policy = json.loads(functions.get_policy(FunctionName=NAME, Qualifier="live")["Policy"])
        ours = (one for one in policy["Statement"] if one["Sid"].startswith("mldeploy-"))
        sid = next(ours)["Sid"]
        functions.remove_permission(FunctionName=NAME, Qualifier="live", StatementId=sid)
        whole = {
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": f"arn:aws:execute-api:{REGION}:123456789012:{api_id(where)}/*",
        }
        functions.add_permission(
            FunctionName=NAME, Qualifier="live", StatementId=sid, **{**whole, **change}
        )

    return drift


def stage_settings(where: Context, **settings: Any) -> None:
    gateway(where).update_stage(ApiId=api_id(where), StageName="$default", **settings)


def forbid(where: Context) -> None:
    functions = where.clients.functions
    policy = json.loads(functions.get_policy(FunctionName=NAME, Qualifier="live")["Policy"])
    for statement in policy["Statement"]:
        functions.remove_permission(
            FunctionName=NAME, Qualifier="live", StatementId=statement["Sid"]
        )


def stale_permission(where: Context) -> None:
    where.clients.functions.add_permission(
        FunctionName=NAME,
        Qualifier="live",
        StatementId="mldeploy-gone-12345678",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn="arn:aws:execute-api:eu-central-1:123456789012:gone/$default/POST/predict",
    )


def second_api(where: Context) -> None:
    tags = gateway(where).get_apis()["Items"][0]["Tags"]
    gateway(where).create_api(Name="mldeploy_iris_dev", ProtocolType="HTTP", Tags=tags)


def stray_integration(where: Context) -> None:
    gateway(where).create_integration(
        ApiId=api_id(where),
        IntegrationType="AWS_PROXY",
        IntegrationUri="arn:aws:lambda:eu-central-1:123456789012:function:other",
        PayloadFormatVersion="2.0",
    )


def stray_route(where: Context) -> None:
    gateway(where).create_route(
        ApiId=api_id(where), RouteKey="GET /admin", Target=first(where, "routes")["Target"]
    )


def authorizer(where: Context) -> str:
    return str(first(where, "authorizers")["AuthorizerId"])


def reguarding(**settings: Any) -> Drift:
    """Change the authorizer."""
    return lambda where: gateway(where).update_authorizer(
        ApiId=api_id(where), AuthorizerId=authorizer(where), **settings
    )


def rerouting(**settings: Any) -> Drift:
    """Change the route."""
    return lambda where: gateway(where).update_route(
        ApiId=api_id(where), RouteId=first(where, "routes")["RouteId"], **settings
    )


def stray_authorizer(where: Context) -> None:
    gateway(where).create_authorizer(
        ApiId=api_id(where),
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        Name="stray",
        JwtConfiguration={"Issuer": "https://evil.example/", "Audience": ["others"]},
    )


def unguarded(where: Context) -> None:
    """Open the route, and let the authorizer that it had admit others."""
    rerouting(AuthorizationType="NONE")(where)
    reguarding(JwtConfiguration={"Issuer": "https://evil.example/", "Audience": ["a"]})(where)


def no_authorizer(where: Context) -> None:
    known = authorizer(where)
    unroute(where)
    gateway(where).delete_authorizer(ApiId=api_id(where), AuthorizerId=known)


def other_origins(**rules: Any) -> Drift:
    return lambda where: gateway(where).update_api(
        ApiId=api_id(where),
        CorsConfiguration={
            "AllowOrigins": ["https://a.example", "https://b.example"],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["content-type", "x-trace"],
            "MaxAge": 60,
            **rules,
        },
    )


API_DRIFTS: list[tuple[str, str, Drift]] = [
    ("http api", "renamed", lambda w: gateway(w).update_api(ApiId=api_id(w), Name="other")),
    ("http api", "endpoint disabled", lambda w: gateway(w).update_api(
        ApiId=api_id(w), DisableExecuteApiEndpoint=True)),
    ("http api", "route and integration gone", unroute_wholly),
    ("http api", "route elsewhere", divert),
    ("http api", "payload", rewiring(PayloadFormatVersion="1.0")),
    ("http api", "requests rewritten", rewiring(
        RequestParameters={"overwrite:path": "/other"})),
    ("http api", "answers rewritten", rewiring(
        ResponseParameters={"200": {"overwrite:statuscode": "404"}})),
    ("http api", "called as somebody else", rewiring(
        CredentialsArn="arn:aws:iam::123456789012:role/other")),
    ("http api", "permission for everybody", permitted_otherwise(Principal="*")),
    ("http api", "permission for all routes", permitted_otherwise()),
    ("http api", "a route's own throttling", lambda w: stage_settings(
        w, RouteSettings={"POST /predict": {"ThrottlingRateLimit": 0.0}})),
    ("http api", "route gone", unroute),
    ("http api", "route locked", lock_route),
    ("http api", "integration to $LATEST", retarget),
    ("http api", "integration timeout", slow_integration),
    ("http api", "throttling", lambda w: stage_settings(
        w, DefaultRouteSettings={"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1})),
    ("http api", "no automatic deployment", lambda w: stage_settings(w, AutoDeploy=False)),
    ("http api", "stage gone", lambda w: gateway(w).delete_stage(
        ApiId=api_id(w), StageName="$default")),
    ("http api", "another stage", lambda w: gateway(w).create_stage(
        ApiId=api_id(w), StageName="test", AutoDeploy=True)),
    ("http api", "permission gone", forbid),
    ("http api", "stale permission", stale_permission),
    ("http api", "second api", second_api),
    ("http api", "stray integration", stray_integration),
    ("http api", "stray route", stray_route),
    ("http api", "cors", lambda w: gateway(w).update_api(
        ApiId=api_id(w), CorsConfiguration={"AllowOrigins": ["*"]})),
    ("http api", "our tags gone", lambda w: gateway(w).untag_resource(
        ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api_id(w)}",
        TagKeys=["mldeploy:project", "mldeploy:stage"])),
    ("http api", "tag gone", lambda w: gateway(w).untag_resource(
        ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api_id(w)}", TagKeys=["team"])),
    ("http api", "tag", lambda w: gateway(w).tag_resource(
        ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api_id(w)}",
        Tags={"team": "weeds"})),
]  # fmt: skip
GUARD_DRIFTS: list[tuple[str, str, Drift]] = [
    ("http api", "another issuer", reguarding(
        JwtConfiguration={"Issuer": "https://evil.example/", "Audience": ["flowers"]})),
    ("http api", "another audience", reguarding(
        JwtConfiguration={"Issuer": "https://login.example.com/", "Audience": ["a", "b"]})),
    ("http api", "tokens from elsewhere", reguarding(
        IdentitySource=["$request.querystring.token"])),
    ("http api", "route open", rerouting(AuthorizationType="NONE")),
    ("http api", "scopes", rerouting(AuthorizationScopes=["admin"])),
    ("http api", "route open and another issuer", unguarded),
    ("http api", "route and authorizer gone", no_authorizer),
    ("http api", "stray authorizer", stray_authorizer),
]  # fmt: skip
"""Of an API with auth = "jwt"."""
CORS_DRIFTS: list[tuple[str, str, Drift]] = [
    ("http api", "no cors", lambda w: gateway(w).delete_cors_configuration(ApiId=api_id(w))),
    ("http api", "cookies", other_origins(AllowCredentials=True)),
    ("http api", "exposed headers", other_origins(ExposeHeaders=["x-secret"])),
    ("http api", "remembered for longer", other_origins(MaxAge=86_400)),
    ("http api", "methods", other_origins(AllowMethods=["*"])),
    ("http api", "headers", other_origins(AllowHeaders=["*"])),
]  # fmt: skip
"""Of an API with [api.cors]."""
