"""The HTTP API: routes to the functions' aliases, with what they need to be reached."""

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
    """One API for all functions of a stage.

    Attributes:
        name: of the API; AWS allows it twice, so the tags decide.
        routes: sorted; each with its target, and whether the alias lets the API in.
        cors: cross-origin rules, or None.
        rate: requests a second of the whole stage; 0 where the stage is missing.
        burst: requests at once.
        tags: ours and the user's.
        leftovers: what a crash, a lost reply or a removed route left behind, and what somebody
            else set inside; sorted by their texts.
        renamed: the name that somebody gave it, or "".
        endpoint: whether it answers at its own URL.
        id: assigned by AWS.
        url: where clients call it.
        unrouted: functions of the stage that have no route; the API loses its permission to
            invoke them.
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
        """Return the stage's, with the routes of all functions; none without a route."""
        return [cls(**fields_of(stage.config))] if stage.config.routed else []

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[HttpApi]":
        """Return the stage's."""
        config = inventory.config
        return [replace(api_seed(config), unrouted=unrouted(config))]

    def observe(self, reads: Reads) -> "HttpApi | None":
        """Find the API by its tags, and read everything that we write."""
        found = self._ours(reads)
        if not found:
            return None
        wirings = [
            read_wiring(api["ApiId"], self.routes, reads, self.unrouted) for api in found[:1]
        ]
        if len(found) > 1:
            # Two first deploys that raced, or a lost reply. The one whose routes work stays,
            # else the oldest.
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
        """Return the APIs that carry our tags, oldest first; else one that lost them."""
        listed = (reads.read("apigatewayv2", "get_apis") or {}).get("Items", [])
        wanted = {tag: value for tag, value in self.tags if tag in {TAG_PROJECT, TAG_STAGE}}
        ours = [api for api in listed if wanted and wanted.items() <= api.get("Tags", {}).items()]
        return sorted(ours, key=_created) or [api for api in listed if self._lost_tags(api, reads)]

    def _lost_tags(self, api: dict[str, Any], reads: Reads) -> bool:
        """Tell whether an API is ours though it has none of our tags: an alias lets it in.

        Only we write statements of such ids. A new API would have another URL.
        """
        known = {TAG_PROJECT, TAG_STAGE} & api.get("Tags", {}).keys()
        if known or (api["Name"], api.get("Description")) != (self.name, DESCRIPTION):
            return False
        functions = {route.function for route in self.routes}
        start = f"{SID_PREFIX}{api['ApiId']}-"
        return any(sid.startswith(start) for one in functions for sid in statements_of(one, reads))

    def create(self, context: Context) -> None:
        """Create the API with its tags, then everything in it.

        The aliases may still let an API in that is gone: those permissions go.
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
        """Take a new API away again where another deploy has made one that isn't younger.

        Names aren't unique, so AWS lets both make one. Of the same second nobody knows which came
        first: whoever sees the other's gives way.

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
        """Mend what differs: what adds comes first, so that no request meets a gap.

        Before all else come the tags, by which a deployer's policy knows the API as ours.
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
        settings = {
            "ApiId": before.id,
            "StageName": STAGE,
            "AutoDeploy": True,
            "DefaultRouteSettings": {
                "ThrottlingRateLimit": self.rate,
                "ThrottlingBurstLimit": self.burst,
            },
        }
        if before.wiring.has_stage:
            context.clients.gateway.update_stage(**settings)
        else:
            context.clients.gateway.create_stage(**settings, Tags=dict(self.tags))

    def delete(self, context: Context) -> None:
        """Delete every API that carries our tags, and its permissions on functions that stay."""
        for api in self._ours(context.reads.again("apigatewayv2")):
            for function in self.unrouted:
                for sid in statements_of(function, context.reads):
                    if sid.startswith(f"{SID_PREFIX}{api['ApiId']}-"):
                        forbid(function, sid, context)
            delete_api(api["ApiId"], context)


def api_seed(config: Config) -> HttpApi:
    """Return what it takes to look the API up, and nothing more."""
    return HttpApi(api_name(config), tags=config.tags)


def _created(api: dict[str, Any]) -> str:
    return str(api.get("CreatedDate", ""))
