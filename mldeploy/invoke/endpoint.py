"""The deployed endpoint, called as its clients call it."""

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
    """Find the deployed API.

    Raises:
        MldeployError: MLD440 where nothing is deployed.
    """
    found = api_seed(config).observe(context.reads)
    if found is None:
        raise nothing_deployed(config, context)
    return found


def nothing_deployed(config: Config, context: Context) -> MldeployError:
    """Return the error of a stage that isn't there."""
    return MldeployError(
        "MLD440",
        f"{config.name} isn't deployed in stage {config.stage}, region {context.account.region}",
        "run `mldeploy deploy` first, or pass another --stage or --region",
    )


def deployed_function(config: Config, name: str, deployed: Iterable[str]) -> str:
    """Return which of the deployed functions one of the file, or one that has left it, is.

    Raises:
        MldeployError: MLD111 where it is none of them.
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
    """Return where a route is called."""
    return api.url.rstrip("/") + route_key.partition(" ")[2]


def method_of(route_key: str) -> str:
    """Return the method to call a route with: POST where it takes any."""
    method = route_key.partition(" ")[0]
    return "POST" if method in {"ANY", "$default"} else method


def call_route(
    config: Config, api: HttpApi, route_key: str, request: Request, context: Context
) -> Answer:
    """Send a body to a route, signed where the API admits signed requests only.

    With `auth = "jwt"` the token of the variable MLDEPLOY_TOKEN goes along, where there is one.

    Raises:
        NoAnswerError: where no answer came.
    """
    method, url = method_of(route_key), url_of(api, route_key)
    headers = {"content-type": request.content_type}
    if config.api.auth == "iam":
        headers = context.clients.signed_headers("execute-api", method, url, request.body, headers)
    if config.api.auth == "jwt" and os.environ.get(TOKEN):
        headers["authorization"] = f"Bearer {os.environ[TOKEN]}"
    trusted = ca_bundle(context.clients.session)
    return context.call(method, url, request.body, headers, ca_bundle=trusted)
