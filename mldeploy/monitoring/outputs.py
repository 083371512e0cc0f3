"""The outputs of a deploy: URLs, versions, images, logs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mldeploy.config import Config
from mldeploy.invoke.endpoint import url_of
from mldeploy.plan.observe import Observed, observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Reads, Resource, key
from mldeploy.resources.ecr_images import tags_of
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi, api_seed
from mldeploy.resources.lambda_state import RELEASE, digest_of, digest_of_version
from mldeploy.resources.log_group import LogGroup


@dataclass(frozen=True)
class LiveCanary:
    """A release that receives a share of the traffic.

    Attributes:
        release: the release's id.
        share: of the traffic, 0 to 1.
        started: ISO 8601 in UTC.
        seconds: how long it is watched.
    """

    release: str
    share: float
    started: str
    seconds: int


@dataclass(frozen=True)
class FunctionOutput:
    """A deployed function.

    Attributes:
        name: its name in AWS.
        route: of its predictions, or "".
        url: of that route, or "".
        page: the URL of its web page, or "".
        version: the live version, or "".
        release: the id of the live release, or "".
        canary: in progress, or None.
        image: the tag of the live image, or its digest if it has no tag.
        digest: of the live image.
        role: the ARN of its execution role.
        log_group: the name of its log group.
        memory: MB.
    """

    name: str
    route: str
    url: str
    page: str
    version: str
    release: str
    canary: LiveCanary | None
    image: str
    digest: str
    role: str
    log_group: str
    memory: int


@dataclass(frozen=True)
class Outputs:
    """The outputs of a stage.

    Attributes:
        project: the project's name.
        stage: the stage's.
        url: of the API, or "" without one.
        functions: the deployed ones.
    """

    project: str
    stage: str
    url: str
    functions: tuple[FunctionOutput, ...]


def carried_out(config: Config, desired: Iterable[Resource], reads: Reads) -> Observed:
    """Return the resources for `outputs` after a deploy; reads only what AWS has assigned.

    A function's image is the one that was compared before publishing.
    """
    wanted = tuple(desired)
    aliases = [one for one in wanted if isinstance(one, Alias)]
    found = observe([*aliases, api_seed(config)], reads)
    for one in wanted:
        if isinstance(one, Function):
            answer = reads.read("lambda", "get_function", FunctionName=one.name)
            digest = digest_of(answer["Code"]) if answer else ""
            found[key(one)] = replace(one, digest=digest)
    return found


def outputs(config: Config, observed: Observed, reads: Reads) -> Outputs:
    """Return the outputs of the observed resources.

    After a rollback $LATEST isn't live, so the live version is read.
    """
    api = next((one for one in observed.values() if isinstance(one, HttpApi)), None)
    routes = _main_routes(config, api) if api else {}
    functions = tuple(
        _of_function(one, observed, api, routes.get(one.name, ""), reads)
        for one in observed.values()
        if isinstance(one, Function)
    )
    return Outputs(config.name, config.stage, api.url if api else "", functions)


def _of_function(
    function: Function, observed: Observed, api: HttpApi | None, route: str, reads: Reads
) -> FunctionOutput:
    alias = observed.get((Alias.kind, f"{function.name}:live"))
    live = alias if isinstance(alias, Alias) else None
    image, digest = _live_image(function, live, reads)
    return FunctionOutput(
        name=function.name,
        route=route,
        url=url_of(api, route) if api and route else "",
        page=_page(function, api),
        version=live.version if live else "",
        release=live.release if live else "",
        canary=_canary(live),
        image=image,
        digest=digest,
        role=function.role,
        log_group=LogGroup(function.name).name,
        memory=function.memory,
    )


def _page(function: Function, api: HttpApi | None) -> str:
    """Return the URL of a function's web page, or ""."""
    pages = [one for one in api.routes if one.key == "GET /"] if api else []
    return (
        url_of(api, "GET /") if api and [one.function for one in pages] == [function.name] else ""
    )


def _main_routes(config: Config, api: HttpApi) -> dict[str, str]:
    """Return the deployed route of each function's predictions.

    For a function that was removed from the file this is any of its routes.
    """
    there = {one.function: one.key for one in api.routes}
    for function in config.functions:
        name = config.function_name(function.name)
        if function.route in {one.key for one in api.routes if one.function == name}:
            there[name] = function.route
    return there


def _live_image(function: Function, live: Alias | None, reads: Reads) -> tuple[str, str]:
    """Return the tag and the digest of the live image."""
    newest = dict(function.environment).get(RELEASE)
    if live is None or live.release == newest:
        return function.image, function.digest
    digest = digest_of_version(function.name, live.version, reads)
    tags = tags_of(function.repository, digest, reads)
    return tags[0] if tags else digest, digest


def _canary(live: Alias | None) -> LiveCanary | None:
    if live is None or live.canary is None:
        return None
    canary = live.canary
    return LiveCanary(canary.release, canary.share, canary.started, canary.seconds)
