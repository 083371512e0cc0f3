"""What there is in the embedded AWS, seen past mldeploy."""

import json
from collections import Counter

import urllib3

from tests.support.embedded import client_of

_PATIENCE = 60.0


def census() -> Counter[str]:
    """Count what there is of the project, by kind."""
    functions, gateway = client_of("lambda"), client_of("apigatewayv2")
    found: Counter[str] = Counter()
    for one in functions.list_functions()["Functions"]:
        name = one["FunctionName"]
        aliases = functions.list_aliases(FunctionName=name)["Aliases"]
        versions = functions.list_versions_by_function(FunctionName=name)["Versions"]
        found += Counter(function=1, alias=len(aliases), version=len(versions) - 1)
        for alias in aliases:
            policy = functions.get_policy(FunctionName=name, Qualifier=alias["Name"])["Policy"]
            found["permission"] += len(json.loads(policy)["Statement"])
    for api in gateway.get_apis()["Items"]:
        which = {"ApiId": api["ApiId"]}
        found["api"] += 1
        found["route"] += len(gateway.get_routes(**which)["Items"])
        found["integration"] += len(gateway.get_integrations(**which)["Items"])
    found["role"] = len(client_of("iam").list_roles()["Roles"])
    found["rule"] = len(client_of("events").list_rules()["Rules"])
    found["log group"] = len(client_of("logs").describe_log_groups()["logGroups"])
    found["repository"] = len(client_of("ecr").describe_repositories()["repositories"])
    return +found


def urls() -> dict[str, str]:
    """Return where each route of each API is called, by the two names."""
    gateway = client_of("apigatewayv2")
    return {
        f"{api['Name']} {route['RouteKey']}": api["ApiEndpoint"] + route["RouteKey"].split()[1]
        for api in gateway.get_apis()["Items"]
        for route in gateway.get_routes(ApiId=api["ApiId"])["Items"]
    }


def answers() -> dict[str, str]:
    """Ask each route of each API."""
    return {name: ask(url) for name, url in urls().items()}


def ask(url: str) -> str:
    """Send one request; return what is answered, or what came instead."""
    try:
        answer = urllib3.request("POST", url, json={}, retries=False, timeout=_PATIENCE)
    except urllib3.exceptions.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    if answer.status != 200:
        return f"no answer: {answer.status} {answer.data[:200]!r}"
    return str(answer.data.decode())
