"""All that mldeploy may make in an account, in a form that two end states are compared in."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

# Times, request ids and locks that differ between two runs with the same end.
_NOISE = {
    "ARN", "AlarmConfigurationUpdatedTimestamp", "CodeSize", "CreateDate", "CreatedDate",
    "LastDeployedTime", "LastModified", "LastUpdatedDate", "ResponseMetadata", "RevisionId",
    "RoleId", "RoleLastUsed", "StateUpdatedTimestamp", "createdAt", "creationTime",
    "creationDate", "imagePushedAt", "lastRecordedPullTime", "storedBytes", "updateDate",
}  # fmt: skip


Ask = Callable[[Any], Any]


def snapshot(asked: Callable[[str, Ask], Any]) -> dict[str, Any]:
    """Return everything, by kind and name, with `<api-1>` for an id that AWS gave.

    Images stand in it with digest and tags, policies as parsed JSON, versions under their
    numbers. An API is named by its place, for names aren't unique.

    Args:
        asked: calls what it is given with a service's client, and returns the answer.
    """
    apis = asked("apigatewayv2", lambda client: list(_apis(client)))
    found = {
        "alarms": asked("cloudwatch", lambda client: dict(_alarms(client))),
        "repositories": asked("ecr", lambda client: dict(_repositories(client))),
        "roles": asked("iam", lambda client: dict(_roles(client))),
        "log groups": asked("logs", lambda client: dict(_log_groups(client))),
        "functions": asked("lambda", lambda client: dict(_functions(client))),
        "apis": apis,
        "rules": asked("events", lambda client: dict(_rules(client))),
        "state machines": asked("stepfunctions", lambda client: dict(_machines(client))),
    }
    return dict(_without_ids(_quiet(found), apis))


def _all(client: Any, operation: str, key: str, **params: Any) -> list[Any]:
    if client.can_paginate(operation):
        return list(client.get_paginator(operation).paginate(**params).build_full_result()[key])
    return list(getattr(client, operation)(**params)[key])


def _maybe(client: Any, operation: str, key: str, **params: Any) -> Any:
    try:
        text = getattr(client, operation)(**params)[key]
    except client.exceptions.ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return None
    return json.loads(text)


Found = Iterator[tuple[str, dict[str, Any]]]


def _repositories(ecr: Any) -> Found:
    for one in _all(ecr, "describe_repositories", "repositories"):
        name = one["repositoryName"]
        tags = ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"]
        images = _all(ecr, "describe_images", "imageDetails", repositoryName=name)
        yield (
            name,
            {
                **one,
                "policy": _maybe(ecr, "get_repository_policy", "policyText", repositoryName=name),
                "lifecycle": _maybe(
                    ecr, "get_lifecycle_policy", "lifecyclePolicyText", repositoryName=name
                ),
                "tags": _pairs(tags),
                "images": {i["imageDigest"]: sorted(i.get("imageTags", [])) for i in images},
            },
        )


def _roles(iam: Any) -> Found:
    for one in _all(iam, "list_roles", "Roles"):
        name = one["RoleName"]
        role = iam.get_role(RoleName=name)["Role"]
        inline = _all(iam, "list_role_policies", "PolicyNames", RoleName=name)
        yield (
            name,
            {
                **role,
                "Tags": _pairs(role.get("Tags", [])),
                "inline": {
                    policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    for policy in inline
                },
                "attached": _all(
                    iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name
                ),
            },
        )


def _log_groups(logs: Any) -> Found:
    for one in _all(logs, "describe_log_groups", "logGroups"):
        arn = one["arn"].removesuffix(":*")
        yield (
            one["logGroupName"],
            {
                **one,
                "filters": _all(
                    logs,
                    "describe_metric_filters",
                    "metricFilters",
                    logGroupName=one["logGroupName"],
                ),
                "tags": logs.list_tags_for_resource(resourceArn=arn)["tags"],
            },
        )


def _functions(functions: Any) -> Found:
    for one in _all(functions, "list_functions", "Functions"):
        name = one["FunctionName"]
        versions = _all(functions, "list_versions_by_function", "Versions", FunctionName=name)
        aliases = _all(functions, "list_aliases", "Aliases", FunctionName=name)
        latest = functions.get_function(FunctionName=name)
        qualifiers = [*(v["Version"] for v in versions), *(a["Name"] for a in aliases)]
        yield (
            name,
            {
                "tags": latest.get("Tags", {}),
                "versions": {
                    v["Version"]: functions.get_function(FunctionName=name, Qualifier=v["Version"])
                    for v in versions
                },
                "aliases": {a["Name"]: a for a in aliases},
                "provisioned": [
                    _requested(one)
                    for one in functions.list_provisioned_concurrency_configs(FunctionName=name)[
                        "ProvisionedConcurrencyConfigs"
                    ]
                ],
                "urls": _all(
                    functions, "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name
                ),
                "asynchronous": _all(
                    functions,
                    "list_function_event_invoke_configs",
                    "FunctionEventInvokeConfigs",
                    FunctionName=name,
                ),
                "policies": {
                    q: _maybe(functions, "get_policy", "Policy", FunctionName=name, Qualifier=q)
                    for q in qualifiers
                },
            },
        )


def _requested(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for and whether it failed: how far it is is a matter of time."""
    return {
        "FunctionArn": configuration["FunctionArn"],
        "Requested": configuration["RequestedProvisionedConcurrentExecutions"],
        "Failed": configuration["Status"] == "FAILED",
    }


def _rules(events: Any) -> Found:
    for one in _all(events, "list_rules", "Rules"):
        tags = events.list_tags_for_resource(ResourceARN=one["Arn"])["Tags"]
        targets = _all(events, "list_targets_by_rule", "Targets", Rule=one["Name"])
        found = {target["Id"]: target for target in targets}
        yield one["Name"], {**one, "targets": found, "tags": _pairs(tags)}


def _machines(states: Any) -> Found:
    for one in _all(states, "list_state_machines", "stateMachines"):
        arn = one["stateMachineArn"]
        tags = states.list_tags_for_resource(resourceArn=arn)["tags"]
        yield (
            one["name"],
            {
                **states.describe_state_machine(stateMachineArn=arn),
                "tags": {tag["key"]: tag["value"] for tag in tags},
            },
        )


def _alarms(cloudwatch: Any) -> Found:
    for one in _all(cloudwatch, "describe_alarms", "MetricAlarms"):
        tags = cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"]
        yield one["AlarmName"], {**one, "tags": _pairs(tags)}


def _apis(gateway: Any) -> Iterable[dict[str, Any]]:
    for one in _all(gateway, "get_apis", "Items"):
        api = {"ApiId": one["ApiId"]}
        integrations = _all(gateway, "get_integrations", "Items", **api)
        routes = _all(gateway, "get_routes", "Items", **api)
        yield {
            **one,
            "integrations": sorted(
                integrations, key=lambda found: str(found.get("IntegrationUri"))
            ),
            "routes": sorted(routes, key=lambda found: str(found["RouteKey"])),
            "stages": {s["StageName"]: s for s in _all(gateway, "get_stages", "Items", **api)},
            "authorizers": sorted(
                _all(gateway, "get_authorizers", "Items", **api), key=lambda found: found["Name"]
            ),
        }


def _pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _quiet(value: Any) -> Any:
    match value:
        case dict():
            return {
                key: _untimed(one) if key == "Description" else _quiet(one)
                for key, one in value.items()
                if key not in _NOISE
            }
        case list() | tuple():
            return [_quiet(one) for one in value]
    return value


def _untimed(description: Any) -> Any:
    """Return a description of ours without the time that it tells."""
    return re.sub(r'"(moved|started)":"\d[^"]*"', r'"\1":"<time>"', str(description))


def _without_ids(found: Any, apis: list[dict[str, Any]]) -> Any:
    """Replace the ids that API Gateway gives by numbered words, wherever they are mentioned."""
    ids = [("api", api["ApiId"]) for api in apis]
    ids += [("integration", one["IntegrationId"]) for api in apis for one in api["integrations"]]
    ids += [("route", one["RouteId"]) for api in apis for one in api["routes"]]
    ids += [("authorizer", one["AuthorizerId"]) for api in apis for one in api["authorizers"]]
    counts: dict[str, int] = {}
    text = json.dumps(found, sort_keys=True, default=str)
    for kind, value in ids:
        counts[kind] = counts.get(kind, 0) + 1
        text = re.sub(rf"\b{re.escape(value)}\b", f"<{kind}-{counts[kind]}>", text)
    return json.loads(text)
