"""What the commands that meet AWS have in common: connect, compare, report."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mldeploy.aws import Clients
from mldeploy.config import Config
from mldeploy.endpoint import url_of
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit
from mldeploy.fingerprint import is_registry_digest
from mldeploy.image import Builder, image_spec
from mldeploy.model.bundle import load_bundle
from mldeploy.plan import Difference, Observed, Plan, diff, observe
from mldeploy.releases import note_of
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Resource, Trust, key
from mldeploy.resources.ecr_images import tags_of
from mldeploy.resources.function import Function
from mldeploy.resources.http_api import HttpApi
from mldeploy.resources.lambda_state import RELEASE, digest_of, digest_of_version
from mldeploy.resources.log_group import LogGroup
from mldeploy.stack import (
    ORDER,
    Artifact,
    ImageSource,
    api_seed,
    everything,
    is_public,
    leftovers,
    stack,
)
from mldeploy.where import Where


@dataclass(frozen=True)
class Comparison:
    """What is desired, what is there, and the plan between the two."""

    desired: tuple[Resource, ...]
    observed: Observed
    plan: Plan

    @property
    def public(self) -> bool:
        """Whether the desired API asks nobody who they are."""
        return is_public(self.desired)


def artifact_of_bundles(config: Config) -> Artifact:
    """Return what the bundles on disk would become.

    Raises:
        MldeployError: MLD201 where there is none, MLD202 where one is damaged.
    """
    by_model = {name: _source(config.of_model(name)) for name in config.used_models}
    return Artifact(tuple((one.name, by_model[one.model]) for one in config.functions))


def _source(config: Config) -> ImageSource:
    bundle = load_bundle(config.bundle)
    spec = image_spec(config, bundle)
    return ImageSource(spec.fingerprint, spec, note_of(bundle))


def connect(
    config: Config, emit: Emit, *, starts: bool = False, digests: Iterable[str] = ()
) -> Context:
    """Ask AWS who we are, and return what resources need. Docker isn't touched yet.

    The target decides whose clients and whose builder these are; nothing else knows it.

    Args:
        config: names the target.
        emit: takes events.
        starts: whether the embedded AWS is started where the target is local and it isn't there.
        digests: of images that the caller vouches for.

    Raises:
        MldeployError: MLD323 for a digest that is none; MLD401, MLD403 or MLD404 about credentials
            and region; MLD61x about the embedded AWS.
    """
    from mldeploy.engine import DockerBuilder

    match config.target:
        case "aws":
            clients = Clients(config.region, config.profile, emit=emit)
            builder: Builder = DockerBuilder()
        case "local":
            from mldeploy.embedded import embedded

            clients, builder = embedded(config.region, emit, DockerBuilder(), starts=starts)
    return Context(clients, clients.account(), emit, builder, _trust(config, digests))


def _trust(config: Config, digests: Iterable[str]) -> Trust:
    """Return what proves that an image is this stage's; a local target signs nothing."""
    for one in digests:
        if not is_registry_digest(one):
            raise MldeployError(
                "MLD323",
                f"{one!r} is no image's digest",
                "pass --digest sha256:… with 64 hexadecimal digits, as `mldeploy push` prints it",
                exit_code=ExitCode.USAGE,
            )
    names = tuple(config.function_name(one.name) for one in config.functions)
    key = (config.sign.key or "") if config.target == "aws" else ""
    return Trust(names, frozenset(digests), key)


def compare(config: Config, artifact: Artifact, context: Context) -> Comparison:
    """Look at AWS, leftovers of removed functions included, and make the plan."""
    desired = stack(config, artifact, context.account)
    observed = observe(desired, context, lambda: leftovers(config, desired, context))
    return Comparison(desired, observed, diff(desired, observed, ORDER))


def what_is_there(config: Config, context: Context) -> Comparison:
    """Look at everything of the stage; the plan removes it."""
    observed = observe(everything(config, context), context)
    return Comparison((), observed, diff((), observed, ORDER))


def deployed_artifact(config: Config, observed: Observed) -> Artifact | None:
    """Return the artifact that runs, or None where nothing does.

    A function of the file that isn't deployed gets the image of one that is.
    """
    images = {one.name: one.image for one in observed.values() if isinstance(one, Function)}
    if not images:
        return None
    tags = [
        images.get(config.function_name(one.name), min(images.values())) for one in config.functions
    ]
    return Artifact(
        tuple((one.name, ImageSource(tag)) for one, tag in zip(config.functions, tags, strict=True))
    )


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


def plan_data(plan: Plan, *, where: Where, public: bool) -> dict[str, Any]:
    """Return a plan for scripts."""
    return {
        "where": where.data(),
        "public": public,
        "changes": [
            {
                "action": change.action,
                "kind": change.subject.kind,
                "name": change.subject.name,
                "differences": [_difference_data(one) for one in change.differences],
            }
            for change in plan.changes
        ],
    }


def _difference_data(one: Difference) -> dict[str, str]:
    """Return a difference for scripts; `risk` is there only where there is one."""
    whole = {"field": one.field, "before": one.before, "after": one.after}
    return {**whole, "risk": one.risk} if one.risk else whole
