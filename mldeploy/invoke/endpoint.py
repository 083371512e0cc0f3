"""Calls the deployed endpoint as its clients do."""

import os
from collections.abc import Iterable

from mldeploy.aws.credentials import ca_bundle
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.http.call import Answer
from mldeploy.invoke.requests import Request
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import HttpApi, api_seed
from mldeploy.text.suggest import did_you_mean

TOKEN = "MLDEPLOY_TOKEN"  # noqa: S105 - the variable that holds one


def the_api(config: Config, context: Context) -> HttpApi:
    """Return the deployed API.

    Raises:
        MldeployError: MLD440 if nothing is deployed.
    """
    found = api_seed(config).observe(context.reads)
    if found is None:
        raise nothing_deployed(config, context)
    return found


def nothing_deployed(config: Config, context: Context) -> MldeployError:
    """Return the error for a stage that isn't deployed."""
    return MldeployError(
        "MLD440",
        f"{config.name} isn't deployed in stage {config.stage}, region {context.account.region}",
        "run `mldeploy deploy` first, or pass another --stage or --region",
    )


def deployed_function(config: Config, name: str, deployed: Iterable[str]) -> str:
    """Return the deployed function of a name from the file, current or removed.

    Raises:
        MldeployError: MLD111 if it isn't one of them.
    """
    by_name = {one.removeprefix(config.stage_prefix): one for one in deployed}
    if name not in by_name:
        raise MldeployError(
            "MLD111",
            f"unknown function {name!r} in stage {config.stage}",
            did_you_mean(name, by_name),
        )
    return by_name[name]


def url_of(api: HttpApi, route_key: str) -> str:
    """Return a route's URL."""
    return api.url.rstrip("/") + route_key.partition(" ")[2]


def method_of(route_key: str) -> str:
    """Return a route's method: POST if it accepts any."""
    method = route_key.partition(" ")[0]
    return "POST" if method in {"ANY", "$default"} else method


def call_route(
    config: Config, api: HttpApi, route_key: str, request: Request, context: Context
) -> Answer:
    """Send a body to a route, signed if the API requires it.

    With `auth = "jwt"` the token in MLDEPLOY_TOKEN is sent, if the variable is set.

    Raises:
        NoAnswerError: if there is no response.
    """
    method, url = method_of(route_key), url_of(api, route_key)
    headers = {"content-type": request.content_type}
    if config.api.auth == "iam":
        headers = context.clients.signed_headers("execute-api", method, url, request.body, headers)
    if config.api.auth == "jwt" and os.environ.get(TOKEN):
        headers["authorization"] = f"Bearer {os.environ[TOKEN]}"
    trusted = ca_bundle(context.clients.session)
    return context.call(method, url, request.body, headers, ca_bundle=trusted)
