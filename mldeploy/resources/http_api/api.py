"""The HTTP API: routes to the functions' aliases."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from mldeploy.config import TAG_PROJECT, TAG_STAGE, Config
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context, Reads, Tags, known_tags
from mldeploy.resources.http_api.calls import API_CALLS
from mldeploy.resources.http_api.desired import api_name, fields_of, unrouted
from mldeploy.resources.http_api.leftovers import Leftover, OtherApi, delete_api
from mldeploy.resources.http_api.parts import (
    SID_PREFIX,
    STAGE,
    Cors,
    Route,
    cors_of,
    cors_request,
    made_once,
)
from mldeploy.resources.http_api.reading import read_wiring
from mldeploy.resources.http_api.risk import cors_risk, leftovers_risk, routes_risk
from mldeploy.resources.http_api.wiring import Wiring, require_deployed
from mldeploy.resources.kind import Calls, Inventory, Phase, Stage
from mldeploy.resources.permissions import forbid, statements_of
from mldeploy.resources.risk import RISK, protects

DESCRIPTION = "Deployed by mldeploy"


@dataclass(frozen=True)
class HttpApi:
    """The API of a stage's functions.

    Attributes:
        name: of the API; names aren't unique in AWS, so the tags identify it.
        routes: sorted; each with its target, and whether the alias permits the API.
        cors: cross-origin rules, or None.
        rate: the stage's throttling rate, requests per second; 0 if the stage is missing.
        burst: the stage's throttling burst, requests.
        tags: ours and the user's.
        leftovers: parts left by a crash, a lost response or a removed route, and parts not
            managed by mldeploy; sorted by their texts.
        renamed: the name that it was changed to, or "".
        endpoint: whether its default endpoint is enabled.
        id: assigned by AWS.
        url: of the API.
        unrouted: functions of the stage without a route; the API's permission to invoke them is
            removed.
    """

    kind: ClassVar[str] = "http api"
    phase: ClassVar[Phase] = Phase.ROUTES
    proof: ClassVar[str] = "its description, and the permission of an alias that lets it in"
    calls: ClassVar[tuple[Calls, ...]] = API_CALLS

    name: str
    routes: tuple[Route, ...] = field(default=(), metadata={RISK: routes_risk})
    cors: Cors | None = field(default=None, metadata={RISK: cors_risk})
    rate: float = 0.0
    burst: int = 0
    tags: Tags = ()
    leftovers: tuple[Leftover, ...] = field(default=(), metadata={RISK: leftovers_risk})
    renamed: str = ""
    endpoint: bool = field(default=True, metadata={RISK: protects})
    id: str = field(default="", compare=False)
    url: str = field(default="", compare=False)
    wiring: Wiring = field(default_factory=Wiring, compare=False, repr=False)
    unrouted: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def desired(cls, stage: Stage) -> "list[HttpApi]":
        """Return the stage's API with the routes of all functions; none without a route."""
        return [cls(**fields_of(stage.config))] if stage.config.routed else []

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[HttpApi]":
        """Return the stage's API."""
        config = inventory.config
        return [replace(api_seed(config), unrouted=unrouted(config))]

    def observe(self, reads: Reads) -> "HttpApi | None":
        """Find the API by its tags, and read every setting that mldeploy writes."""
        found = self._ours(reads)
        if not found:
            return None
        wirings = [
            read_wiring(api["ApiId"], self.routes, reads, self.unrouted) for api in found[:1]
        ]
        if len(found) > 1:
            # Concurrent first deploys or a lost response can leave two. The one whose routes work
            # is kept, else the oldest.
            wirings = [
                read_wiring(api["ApiId"], self.routes, reads, self.unrouted) for api in found
            ]
        best = max(range(len(wirings)), key=lambda n: len(wirings[n].working))
        api, wiring = found[best], wirings[best]
        others = tuple(OtherApi(one["ApiId"]) for one in found if one is not api)
        return HttpApi(
            name=self.name,
            routes=wiring.routes,
            cors=cors_of(api),
            rate=wiring.rate,
            burst=wiring.burst,
            tags=known_tags(self.tags, api.get("Tags", {})),
            leftovers=tuple(sorted((*wiring.leftovers, *others), key=str)),
            renamed="" if api["Name"] == self.name else api["Name"],
            endpoint=not api.get("DisableExecuteApiEndpoint", False),
            id=api["ApiId"],
            url=api["ApiEndpoint"],
            wiring=wiring,
            unrouted=self.unrouted,
        )

    def _ours(self, reads: Reads) -> list[dict[str, Any]]:
        """Return the APIs with our tags, oldest first; else one that lost them."""
        listed = (reads.read("apigatewayv2", "get_apis") or {}).get("Items", [])
        wanted = {tag: value for tag, value in self.tags if tag in {TAG_PROJECT, TAG_STAGE}}
        ours = [api for api in listed if wanted and wanted.items() <= api.get("Tags", {}).items()]
        return sorted(ours, key=_created) or [api for api in listed if self._lost_tags(api, reads)]

    def _lost_tags(self, api: dict[str, Any], reads: Reads) -> bool:
        """Return whether an API without our tags is ours: an alias permits it to invoke it.

        Only mldeploy writes statements with such ids. A new API would have another URL.
        """
        known = {TAG_PROJECT, TAG_STAGE} & api.get("Tags", {}).keys()
        if known or (api["Name"], api.get("Description")) != (self.name, DESCRIPTION):
            return False
        functions = {route.function for route in self.routes}
        start = f"{SID_PREFIX}{api['ApiId']}-"
        return any(sid.startswith(start) for one in functions for sid in statements_of(one, reads))

    def create(self, context: Context) -> None:
        """Create the API with its tags, then everything in it.

        Permissions of the aliases for an API that is gone are removed.
        """
        api = self._create_once(context)
        self._give_way(api, context)
        wiring = read_wiring(api, self.routes, context.reads, self.unrouted)
        bare = HttpApi(
            self.name,
            cors=self.cors,
            tags=self.tags,
            leftovers=wiring.leftovers,
            id=api,
            wiring=wiring,
        )
        self.update(bare, context)

    def _create_once(self, context: Context) -> str:
        cors = {"CorsConfiguration": cors_request(self.cors)} if self.cors else {}

        def make(gateway: Any) -> str:
            created = gateway.create_api(
                Name=self.name,
                ProtocolType="HTTP",
                Description=DESCRIPTION,
                Tags=dict(self.tags),
                **cors,
            )
            return str(created["ApiId"])

        def there(reads: Reads) -> str:
            ours = self._ours(reads)
            return str(ours[0]["ApiId"]) if ours else ""

        return made_once(make, there, context)

    def _give_way(self, api: str, context: Context) -> None:
        """Delete a new API if another deploy has created one that isn't newer.

        Names aren't unique, so AWS allows both. If both were created in the same second, the deploy
        that sees the other's API deletes its own.

        Raises:
            MldeployError: MLD406.
        """
        there = self._ours(context.reads.again("apigatewayv2"))
        ours = {one["ApiId"]: _created(one) for one in there}
        mine = ours.pop(api, "")
        if all(mine < other for other in ours.values()):
            return
        delete_api(api, context)
        raise MldeployError(
            "MLD406",
            f"another deploy has made the HTTP API {self.name} meanwhile",
            "let the other deploy end, then run the same command again",
        )

    def update(self, before: "HttpApi", context: Context) -> None:
        """Fix the differences: additions come first, so that no request fails.

        The tags come before that, because a deployer's policy identifies the API by them.
        """
        gateway = context.clients.gateway
        if before.tags != self.tags:
            arn = f"arn:{context.account.partition}:apigateway:{context.account.region}"
            gateway.tag_resource(ResourceArn=f"{arn}::/apis/{before.id}", Tags=dict(self.tags))
        if (before.renamed, before.endpoint) != (self.renamed, self.endpoint):
            gateway.update_api(
                ApiId=before.id, Name=self.name, DisableExecuteApiEndpoint=not self.endpoint
            )
        if before.cors != self.cors:
            if self.cors:
                gateway.update_api(ApiId=before.id, CorsConfiguration=cors_request(self.cors))
            else:
                gateway.delete_cors_configuration(ApiId=before.id)
        before.wiring.apply(before.id, self.routes, context)
        self._apply_stage(before, context)
        for leftover in before.leftovers:
            leftover.remove(before.id, context)
        require_deployed(self.name, before.id, before.wiring, context)

    def _apply_stage(self, before: "HttpApi", context: Context) -> None:
        if (before.rate, before.burst) == (self.rate, self.burst):
            return
        there = before.wiring.stage
        settings = {
            "ApiId": before.id,
            "StageName": STAGE,
            "AutoDeploy": True,
            "DefaultRouteSettings": {
                **(there or {}),  # such as detailed metrics, which somebody may have turned on
                "ThrottlingRateLimit": self.rate,
                "ThrottlingBurstLimit": self.burst,
            },
        }
        if there is None:
            context.clients.gateway.create_stage(**settings, Tags=dict(self.tags))
        else:
            context.clients.gateway.update_stage(**settings)

    def delete(self, context: Context) -> None:
        """Delete every API with our tags, and its permissions on functions that are kept."""
        for api in self._ours(context.reads.again("apigatewayv2")):
            for function in self.unrouted:
                for sid in statements_of(function, context.reads):
                    if sid.startswith(f"{SID_PREFIX}{api['ApiId']}-"):
                        forbid(function, sid, context)
            delete_api(api["ApiId"], context)


def api_seed(config: Config) -> HttpApi:
    """Return an `HttpApi` with only what is needed to look it up."""
    return HttpApi(api_name(config), tags=config.tags)


def _created(api: dict[str, Any]) -> str:
    return str(api.get("CreatedDate", ""))
