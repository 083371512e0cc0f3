"""Checks of settings that depend on each other. `files` checks those that depend on the disk."""

from collections.abc import Iterator

from mldeploy.config import Config, FunctionConfig, limits
from mldeploy.config.files import files, golden_problem
from mldeploy.config.problems import MISSING_KEY, WRONG_VALUE, Origins, Problem, value_at
from mldeploy.config.references import secrets_variable
from mldeploy.config.routes import route_shape
from mldeploy.config.secrets import region_of
from mldeploy.facts.quotas import (
    ENVIRONMENT_BYTES,
    FUNCTION_NAME_LENGTH,
    ROLE_NAME_LENGTH,
)
from mldeploy.text.addresses import unprotected_host
from mldeploy.text.suggest import closest, did_you_mean

CHOOSE_AUTH = (
    'write auth = "none" (public: anyone may call), auth = "iam" (signed requests) or '
    'auth = "jwt" (tokens of an issuer)'
)


def missing_keys(origins: Origins, advice: str) -> Iterator[Problem]:
    """Yield missing required keys, unless they are misspelled (according to the advice)."""
    if not origins.has(("project", "name")) and "`name`" not in advice:
        sentence = "`name` is missing in [project]"
        yield origins.problem(MISSING_KEY, ("project", "name"), sentence, 'write name = "my-model"')
    if "`auth`" not in advice and not may_lack_routes(origins):
        yield from _auth(origins)


def may_lack_routes(origins: Origins) -> bool:
    """Return whether a function has `route = false`; `together` then checks if an API is needed."""
    sections = (origins.raw, value_at(origins.raw, ("stages", origins.section)))
    tables = [value_at(one, ("functions",)) for one in sections]
    functions = [one for table in tables if isinstance(table, dict) for one in table.values()]
    return any(value_at(one, ("route",)) is False for one in functions) or any(
        path[:1] == ("functions",) and path[-1] == "route" for path in origins.variables
    )


def _auth(origins: Origins) -> Iterator[Problem]:
    if not origins.has(("api", "auth")):
        sentence = "`auth` is missing in [api]; it has no default"
        yield origins.problem(MISSING_KEY, ("api", "auth"), sentence, CHOOSE_AUTH)


def together(config: Config, origins: Origins) -> Iterator[Problem]:
    """Yield the problems of values in combination."""
    yield from names(config, origins)
    yield from _models(config, origins)
    yield from _routes(config, origins)
    yield from _additions(config, origins)
    yield from files(config, origins)
    yield from _handlers(config, origins)
    yield from _concurrency(config, origins)
    yield from _tokens(config, origins)
    yield from _preflights(config, origins)
    yield from _references(config, origins)
    yield from _surroundings(config, origins)
    yield from _index(config, origins)
    if config.routed:
        yield from _auth(origins)
    yield from _timeouts(config, origins)
    if config.api.cors is not None and not config.api.cors.allow_origins:
        sentence = "`allow_origins` is missing in [api.cors]"
        yield origins.problem(MISSING_KEY, ("api", "cors"), sentence)
    if config.ttl and len(config.user_tags) == limits.USER_TAGS:
        sentence = (
            f"`tags` in [project] may have {limits.USER_TAGS - 1} tags in addition to a `ttl`"
        )
        yield origins.problem(WRONG_VALUE, ("project", "tags"), sentence)
    for key in ("permissions_boundary", "managed_policies"):
        if config.role.arn and getattr(config.role, key):
            sentence = (
                f"`{key}` in [role] applies to roles that mldeploy creates; it can't be "
                "used together with `arn`"
            )
            yield origins.problem(WRONG_VALUE, ("role", key), sentence)


def _timeouts(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse a timeout longer than the trigger's."""
    for function in config.routed:
        longest = function.trigger.longest
        if function.timeout > longest:
            yield origins.problem(
                WRONG_VALUE,
                ("functions", function.name, "timeout"),
                f"`timeout` in [functions.{function.name}] must be 1 to "
                f"{longest} seconds, because API Gateway times out after {longest} seconds",
                "set route = false if only Lambda's API invokes the function",
            )


def names(config: Config, origins: Origins) -> Iterator[Problem]:
    """Check the lengths of names in AWS, which are composed of ours.

    The ECR repository's name (botocore ecr: RepositoryName, up to 256) always fits, because its
    parts match NAME and the functions' names are shorter.
    """
    for function in config.functions:
        name = config.function_name(function.name)
        # The role's name is unique in the account, so it contains the region.
        role = f"{name}_{config.region}" if config.region and not config.role.arn else ""
        for kind, text, longest in (
            ("function", name, FUNCTION_NAME_LENGTH),
            ("role", role, ROLE_NAME_LENGTH),
        ):
            if len(text) > longest:
                sentence = (
                    f"the name of the {kind}, {text}, has {len(text)} characters; AWS accepts "
                    f"{longest}"
                )
                advice = "shorten the name of the project, the stage or the function"
                yield origins.problem(WRONG_VALUE, ("project", "name"), sentence, advice)
                break


def _models(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse a function with an unknown model."""
    known = {one.name for one in config.models}
    for function in config.functions:
        if function.model and function.model not in known:
            sentence = f"`model` in [functions.{function.name}] names {function.model}"
            advice = did_you_mean(function.model, known) or f"add [models.{function.model}]"
            path = ("functions", function.name, "model")
            yield origins.problem(WRONG_VALUE, path, f"{sentence}, which doesn't exist", advice)


def _index(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse an index with an unprotected connection."""
    host = unprotected_host(config.image.index_url)
    if host and not config.image.insecure_index:
        sentence = (
            "`index_url` in [image] begins with http://, so anyone between this machine "
            f"and {host} "
        )
        advice = "use https://, or write insecure_index = true in [image]"
        yield origins.problem(
            WRONG_VALUE, ("image", "index_url"), f"{sentence}could replace packages", advice
        )


def _tokens(config: Config, origins: Origins) -> Iterator[Problem]:
    """Require [api.jwt] with auth = "jwt", and only then."""
    jwt = config.api.jwt
    if config.api.auth != "jwt":
        if jwt is not None:
            sentence = '[api.jwt] requires auth = "jwt"'
            yield origins.problem(WRONG_VALUE, ("api", "jwt"), sentence)
    elif jwt is None or not jwt.issuer or not jwt.audience:
        sentence = 'auth = "jwt" requires `issuer` and `audience` in [api.jwt]'
        advice = 'issuer = "https://…", audience = ["…"]'
        yield origins.problem(MISSING_KEY, ("api", "auth"), sentence, advice)


def _preflights(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse authorized routes with OPTIONS, which replace API Gateway's preflight responses.

    Browsers send preflight requests without credentials, so such a route rejects them; a public
    route would let anyone call the function.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    if config.api.cors is None or config.api.auth == "none":
        return
    for function in config.functions:
        method = function.route.partition(" ")[0]
        if method in {"ANY", "OPTIONS", "$default"}:
            sentence = (
                f"`route` in [functions.{function.name}] accepts OPTIONS requests, and "
                f'auth = "{config.api.auth}" would refuse the preflight requests of browsers, so '
                "[api.cors] can't work"
            )
            advice = (
                'set a method, such as route = "POST /predict", so that API Gateway responds to '
                "preflight requests itself; or remove [api.cors]"
            )
            path = ("functions", function.name, "route")
            yield origins.problem(WRONG_VALUE, path, sentence, advice)


def _routes(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse two functions with the same route."""
    first: dict[str, tuple[FunctionConfig, str]] = {}
    for function in config.functions:
        table = ("functions", function.name)
        if function.custom and function.paths:
            sentence = (
                f"`paths` in [functions.{function.name}] applies only to functions that "
                "serve a model"
            )
            yield origins.problem(WRONG_VALUE, (*table, "paths"), sentence)
        if function.paths and not function.route:
            sentence = f"`paths` in [functions.{function.name}] requires a route"
            yield origins.problem(WRONG_VALUE, (*table, "paths"), sentence)
        for route in config.served_routes(function):
            other, its = first.setdefault(route_shape(route), (function, route))
            if (other, its) != (function, route):
                key = "route" if route == function.route else "paths"
                yield origins.problem(
                    WRONG_VALUE,
                    (*table, key),
                    f"`{route}` is the route of [functions.{other.name}] and of "
                    f"[functions.{function.name}]",
                )


def _concurrency(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse a reserved concurrency below the environments that are kept ready or warm."""
    for function in config.functions:
        path = ("functions", function.name)
        ceiling, provisioned = function.reserved_concurrency, function.provisioned_concurrency
        if ceiling is None:
            continue
        if provisioned > ceiling:
            sentence = (
                f"`provisioned_concurrency` in [functions.{function.name}] is {provisioned}, more "
                f"than its `reserved_concurrency` of {ceiling}"
            )
            yield origins.problem(WRONG_VALUE, (*path, "provisioned_concurrency"), sentence)
        warm = function.keep_warm.instances if function.keep_warm else 0
        if warm > 1 and warm >= ceiling:
            sentence = (
                f"`keep_warm` in [functions.{function.name}] occupies {warm} environments at "
                f"once; with a `reserved_concurrency` of {ceiling}, requests fail meanwhile"
            )
            yield origins.problem(WRONG_VALUE, (*path, "keep_warm"), sentence)


def _additions(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse a misspelled function in an override, which would add a function."""
    main = list(value_at(origins.raw, ("functions",)) or ["predict"])
    for function in config.functions:
        path = ("functions", function.name)
        override = origins.file_path(path)
        added = function.name not in main
        if added and value_at(origins.raw, (*override, "route")) is None:
            best = closest(function.name, main)
            advice = f"did you mean `{best}`?" if best else "another function needs a route"
            sentence = f"[functions.{function.name}] isn't defined outside [stages]"
            paths = [known for known in origins.variables if known[:2] == path] or [path]
            yield origins.problem(WRONG_VALUE, paths[0], sentence, advice)


def _handlers(config: Config, origins: Origins) -> Iterator[Problem]:
    """Check the settings of users' handlers."""
    first: dict[str, FunctionConfig] = {}
    for function in config.functions:
        table = ("functions", function.name)
        other = first.setdefault(function.handler, function)
        sentence = golden_problem(config.root, function, other)
        if sentence:
            text = f"`golden` in [functions.{function.name}] {sentence}"
            yield origins.problem(WRONG_VALUE, (*table, "golden"), text)
        added = {**config.variables(function), **secrets_variable(function.secrets)}
        size = limits.environment_bytes({**dict(function.environment), **added})
        if size > ENVIRONMENT_BYTES:
            text = (
                f"`environment` in [functions.{function.name}] is {size} bytes with mldeploy's "
                f"own variables; Lambda accepts {ENVIRONMENT_BYTES}"
            )
            yield origins.problem(WRONG_VALUE, (*table, "environment"), text)


def _references(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse an ARN of another region: a function reads only from its own region."""
    for function in config.functions:
        for one in function.secrets:
            for key, name in ((one.service, one.name), ("kms_key", one.kms_key)):
                region = region_of(name)
                if region and config.region and region != config.region:
                    path = ("functions", function.name, "environment", one.variable, key)
                    sentence = (
                        f"`{key}` of {one.variable} in [functions.{function.name}] is in {region}, "
                        f"but the function is in {config.region}"
                    )
                    yield origins.problem(WRONG_VALUE, path, sentence)


def _surroundings(config: Config, origins: Origins) -> Iterator[Problem]:
    """Require subnets and security groups together, and a dead-letter target in the region."""
    for function in config.functions:
        table, path = f"[functions.{function.name}", ("functions", function.name)
        if function.vpc and not (function.vpc.subnets and function.vpc.security_groups):
            sentence = f"{table}.vpc] needs `subnets` and `security_groups`"
            yield origins.problem(MISSING_KEY, (*path, "vpc"), sentence)
        region = region_of(function.dead_letter)
        if region and config.region and region != config.region:
            sentence = (
                f"`dead_letter` in {table}] is in {region}, but the function is in {config.region}"
            )
            yield origins.problem(WRONG_VALUE, (*path, "dead_letter"), sentence)
