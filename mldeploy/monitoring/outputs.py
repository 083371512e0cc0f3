"""What people ask for after a deploy: URLs, versions, images, logs."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mldeploy.config import Config
from mldeploy.invoke.endpoint import url_of
from mldeploy.plan.observe import Observed, observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Resource, key
from mldeploy.resources.ecr_images import tags_of
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi, api_seed
from mldeploy.resources.lambda_state import RELEASE, digest_of, digest_of_version
from mldeploy.resources.log_group import LogGroup


def carried_out(config: Config, desired: Iterable[Resource], context: Context) -> Observed:
    """Return what `outputs` is made of after a deploy: what AWS has assigned is read, no more.

    A function's image is the one that was compared before it was published.
    """
    wanted = tuple(desired)
    aliases = [one for one in wanted if isinstance(one, Alias)]
    found = observe([*aliases, api_seed(config)], context)
    for one in wanted:
        if isinstance(one, Function):
            answer = context.clients.read("lambda", "get_function", FunctionName=one.name)
            digest = digest_of(answer["Code"]) if answer else ""
            found[key(one)] = replace(one, digest=digest)
    return found


def outputs(config: Config, observed: Observed, context: Context) -> dict[str, Any]:
    """Return what people ask for after a deploy, out of what was observed.

    After a rollback the newest code isn't what is live: the live version is then asked.
    """
    api = next((one for one in observed.values() if isinstance(one, HttpApi)), None)
    routes = _main_routes(config, api) if api else {}
    functions = []
    for one in observed.values():
        if not isinstance(one, Function):
            continue
        alias = observed.get((Alias.kind, f"{one.name}:live"))
        live = alias if isinstance(alias, Alias) else None
        functions.append(
            {
                "name": one.name,
                "route": routes.get(one.name, ""),
                "url": url_of(api, routes[one.name]) if api and one.name in routes else "",
                "page": _page(one, api),
                "version": live.version if live else "",
                "release": live.release if live else "",
                "canary": _canary(live),
                **_live_image(one, live, context),
                "role": one.role,
                "log_group": LogGroup(one.name).name,
                "memory": one.memory,
            }
        )
    return {
        "project": config.name,
        "stage": config.stage,
        "url": api.url if api else "",
        "functions": functions,
    }


def _page(function: Function, api: HttpApi | None) -> str:
    """Return where people look, or "" where the function has no page."""
    pages = [one for one in api.routes if one.key == "GET /"] if api else []
    return (
        url_of(api, "GET /") if api and [one.function for one in pages] == [function.name] else ""
    )


def _main_routes(config: Config, api: HttpApi) -> dict[str, str]:
    """Return the route of each function's predictions, as it is deployed.

    A function that the file no longer knows has whichever it has.
    """
    there = {one.function: one.key for one in api.routes}
    for function in config.functions:
        name = config.function_name(function.name)
        if function.route in {one.key for one in api.routes if one.function == name}:
            there[name] = function.route
    return there


def _live_image(function: Function, live: Alias | None, context: Context) -> dict[str, str]:
    newest = dict(function.environment).get(RELEASE)
    if live is None or live.release == newest:
        return {"image": function.image, "digest": function.digest}
    digest = digest_of_version(function.name, live.version, context)
    tags = tags_of(function.repository, digest, context)
    return {"image": tags[0] if tags else digest, "digest": digest}


def _canary(live: Alias | None) -> dict[str, Any] | None:
    if live is None or live.canary is None:
        return None
    canary = live.canary
    return {
        "release": canary.release,
        "share": canary.share,
        "started": canary.started,
        "seconds": canary.seconds,
    }


def urls(found: dict[str, Any]) -> str:
    """Return the URLs of the outputs, one a line."""
    return "\n".join(one["url"] for one in found["functions"] if one["url"])


def output_rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the outputs as labels and values for people."""
    rows = []
    for one in found["functions"]:
        rows += [
            ("function", one["name"]),
            ("  url", one["url"] or "(no route)"),
            *([("  page", one["page"])] if one["page"] else []),
            ("  live", f"version {one['version']}, release {one['release']}"),
            ("  image", one["digest"]),
            ("  role", one["role"]),
            ("  logs", one["log_group"]),
        ]
    return rows
