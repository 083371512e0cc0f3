"""The address of the page for people that a deployed API has."""

from dataclasses import dataclass

from mldeploy.config import Config
from mldeploy.invoke.endpoint import the_api, url_of
from mldeploy.resources.base import Context

_PAGES = ("/", "/docs")
"""The pages for people, the one with the form first."""


@dataclass(frozen=True)
class Page:
    """An address of the endpoint.

    Attributes:
        url: of the page, or of the first route if there is no page.
        page: whether it is a page.
        auth: who may call it: "none", "iam" or "jwt".
        opened: whether a browser was started; null without a terminal, or without a page.
    """

    url: str
    page: bool
    auth: str
    opened: bool | None = None


def page_of(config: Config, context: Context) -> Page:
    """Return the address of the deployed API's page.

    Raises:
        MldeployError: MLD440 if nothing is deployed.
    """
    api = the_api(config, context)
    served = {path for function in config.routed for path in function.paths}
    path = next((one for one in _PAGES if one in served), "")
    route = f"GET {path}" if path else next((one.route for one in config.routed), "GET /")
    return Page(url_of(api, route), bool(path), config.api.auth)
