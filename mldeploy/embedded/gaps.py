"""AWS calls of deployments that moto 5.2 doesn't implement."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mldeploy.embedded.calls import Call, Reply
from mldeploy.embedded.place import OWN
from mldeploy.local.api.payload import ACCOUNT

_PROVISIONED = re.compile(r"/[\d-]+/functions/([^/]+)/provisioned-concurrency")
_URLS = re.compile(r"/[\d-]+/functions/[^/]+/urls")
_STAGE = re.compile(r"/v2/apis/([^/]+)/stages/([^/]+)")
_AUTHORIZERS = re.compile(r"/v2/apis/([^/]+)/authorizers")
_LAYER = "AmazonEC2ContainerRegistry_V20150921.GetDownloadUrlForLayer"


@dataclass
class Gaps:
    """Handles the calls that moto doesn't implement, and stores their state.

    Attributes:
        token: returns the last part of a link to a configuration, by its digest.
        provisioned: provisioned concurrency by function and qualifier.
    """

    token: Callable[[str], str] = lambda _digest: ""
    provisioned: dict[tuple[str, str], int] = field(default_factory=dict)

    def answer(self, call: Call) -> Reply | None:
        """Return the response, or None if moto implements the call."""
        if found := _PROVISIONED.fullmatch(call.path):
            return self._provision(call, unquote(found[1]))
        if _URLS.fullmatch(call.path):
            # Function URLs aren't served here.
            return Reply.told(200, {"FunctionUrlConfigs": []})
        if call.method == "PATCH" and (found := _STAGE.fullmatch(call.path)):
            return _stage(call, found[1], unquote(found[2]))
        if call.method == "GET" and (found := _AUTHORIZERS.fullmatch(call.path)):
            authorizers = getattr(_api(call, found[1]), "authorizers", {}).values()
            return Reply.told(200, {"items": [one.to_json() for one in authorizers]})
        if call.target == _LAYER:
            digest = json.loads(call.body())["layerDigest"]
            address = f"{call.endpoint}{OWN}blobs/{digest}?token={self.token(digest)}"
            return Reply.told(200, {"downloadUrl": address, "layerDigest": digest})
        return None

    def _provision(self, call: Call, function: str) -> Reply:
        """Handle provisioned concurrency, which is ready at once here."""
        which = function, call.query.get("Qualifier", "")
        if call.method == "PUT":
            self.provisioned[which] = json.loads(call.body())["ProvisionedConcurrentExecutions"]
        if call.method == "DELETE":
            self.provisioned.pop(which, None)
            return Reply(204, b"")
        count = self.provisioned.get(which)
        if count is None:
            return Reply(404, error="ProvisionedConcurrencyConfigNotFoundException")
        told = {
            f"{kind}ProvisionedConcurrentExecutions": count
            for kind in ("Requested", "Available", "Allocated")
        }
        return Reply.told(202 if call.method == "PUT" else 200, {**told, "Status": "READY"})


def _api(call: Call, api: str) -> Any:
    from moto.backends import get_backend

    return get_backend("apigatewayv2")[ACCOUNT][call.region].apis.get(api)


def _stage(call: Call, api: str, name: str) -> Reply:
    """Handle UpdateStage, which keeps omitted values.

    Source: botocore's apigatewayv2 model, UpdateStageRequest.
    """
    stage = getattr(_api(call, api), "stages", {}).get(name)
    if stage is None:
        said = {"message": "Invalid stage identifier specified"}
        return Reply.told(404, said, "NotFoundException")
    changes = json.loads(call.body())
    stage.default_route_settings = changes.get("defaultRouteSettings", stage.default_route_settings)
    stage.auto_deploy = changes.get("autoDeploy", stage.auto_deploy)
    stage.description = changes.get("description", stage.description)
    stage.stage_variables = changes.get("stageVariables", stage.stage_variables)
    return Reply.told(200, stage.to_json())
