"""What runs behind emulated AWS: versions that answer, and the gateway in front of them.

moto runs no functions and serves no API. `Runtime` resolves each request as AWS does, API →
route → integration → alias → version, with the permission on the alias, and answers as the
release that it comes to.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mldeploy.http.call import Answer
from tests.strict.aws import StrictAws
from tests.strict.state import Answered

LAYERS = "https://layers.test/"
"""Where ECR keeps layers."""


def answers_to(rows: list[list[float]]) -> list[dict[str, float]]:
    """Return what every model here says of rows: the golden examples of `projects` agree."""
    return [{"value": row[0]} for row in rows]


@dataclass
class Runtime:
    """Answers Invoke and HTTP requests on strict AWS.

    Attributes:
        aws: the account.
        broken: what a release fails its check with, by image tag or release id.
        lying: image tags whose functions have no problems and give a wrong answer to each row.
        crashing: image tags whose functions fail outright, with Lambda's error message.
        answers: what an image answers over HTTP instead of its predictions.
        slow: milliseconds that an image takes over HTTP; 1 by default.
        invoked: (function, version) of each verification.
        asked: the rows that it sent.
        served: (route, release) of each HTTP request that was answered with 200.
        silence: why no request gets through, or None.
        requests: how many a weighted alias has divided.
    """

    aws: StrictAws
    broken: dict[str, list[str]] = field(default_factory=dict)
    lying: set[str] = field(default_factory=set)
    crashing: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    invoked: list[tuple[str, str]] = field(default_factory=list)
    asked: list[list[list[float]]] = field(default_factory=list)
    served: list[tuple[str, str]] = field(default_factory=list)
    silence: Exception | None = None
    requests: int = 0
    _known: dict[Any, Any] = field(default_factory=dict)

    def invoke(self, params: dict[str, Any]) -> dict[str, Any]:
        """Answer Lambda's Invoke of the event `verify`."""
        event = json.loads(params["Payload"])
        assert event.keys() == {"mldeploy", "inputs"}
        assert event["mldeploy"] == "verify"
        self.asked.append(event["inputs"])
        name, version = params["FunctionName"], params["Qualifier"]
        self.invoked.append((name, version))
        release, tag = self.release_of(name, version)
        if tag in self.crashing:
            error = {"errorType": "Runtime.ExitError", "errorMessage": self.crashing[tag]}
            log = f"START RequestId: 1\n{self.crashing[tag]}\nEND RequestId: 1\n"
            return {"FunctionError": "Unhandled", "Payload": error, "LogResult": encoded(log)}
        problems = self.broken.get(tag, self.broken.get(release, []))
        found = answers_to(event["inputs"])
        if tag in self.lying:
            found = [{"value": one["value"] + 1.0} for one in found]
        return {
            "Payload": {"predictions": found, "problems": problems},
            "LogResult": encoded("a line\n"),
        }

    def call(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str] | None = None,
        *,
        ca_bundle: str = "",
    ) -> Answer:
        """Answer an HTTP request as the gateway would, or ECR's store of layers."""
        del headers, ca_bundle
        if self.silence is not None and not url.startswith(LAYERS):
            raise self.silence
        if url.startswith(LAYERS):
            blob = self.aws.state.blobs[url.rpartition("/")[2]]
            return Answer(200, blob if isinstance(blob, str) else json.dumps(blob), 1.0)
        status, content = self.respond(f"{method} {urlsplit(url).path}", url, body or b"")
        return Answer(status, json.dumps(content), 1.0)

    def respond(self, route: str, url: str, body: bytes) -> tuple[int, Any]:
        """Return status and body."""
        if self.aws.state.refusing:
            status, text = self.aws.state.refusing.pop(0)
            return status, {"message": text}
        target = self.target(route, urlsplit(url).netloc.partition(".")[0])
        if target is None:
            return 404, {"message": "Not Found"}
        release, tag = self.release_of(*target)
        seen = self.aws.state.traffic.setdefault(target, [])
        milliseconds, now = self.slow.get(tag, 1.0), time.time() + self.aws.state.passed
        if tag in self.crashing:
            seen.append(Answered(now, 0, milliseconds))
            return 500, {"message": "Internal Server Error"}
        status, content = self.answers.get(tag, (200, None))
        seen.append(Answered(now, status, milliseconds))
        self.aws.state.logged.setdefault((target[0], release), []).append(seen[-1])
        if content is not None:
            return status, content
        self.served.append((route, release))
        rows = json.loads(body).get("instances", [[1.0]])
        return 200, {"predictions": answers_to(rows), "model": {"release": release}}

    def target(self, route: str, api: str) -> tuple[str, str] | None:
        """Return function and version that a request reaches, or None where the chain breaks."""
        found = self._until_a_change(self._alias, route, api)
        if found is None:
            return None
        name, versions = found
        weights = (versions.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        for version, share in weights.items():
            self.requests += 1
            if int(self.requests * share) > int((self.requests - 1) * share):
                return name, version
        return name, versions["FunctionVersion"]

    def release_of(self, name: str, version: str) -> tuple[str, str]:
        """Return the release of a version, and the tag of its image."""
        found: tuple[str, str] = self._until_a_change(self._release, name, version)
        return found

    def _until_a_change(self, read: Callable[[str, str], Any], *names: str) -> Any:
        """Read what hundreds of requests ask for once, until a change or a pause."""
        key, now = (read.__name__, *names), (self.aws.changes, self.aws.state.passed)
        if key not in self._known or self._known[key][0] != now:
            with self.aws.unwatched(peek=True):
                self._known[key] = now, read(*names)
        return self._known[key][1]

    def _alias(self, route: str, api: str) -> tuple[str, dict[str, Any]] | None:
        gateway, functions = self.aws.client("apigatewayv2"), self.aws.client("lambda")
        if api not in {one["ApiId"] for one in paged(gateway.get_apis)}:
            return None
        routes = {one["RouteKey"]: one for one in paged(gateway.get_routes, ApiId=api)}
        if route not in routes:
            return None
        integration = gateway.get_integration(
            ApiId=api, IntegrationId=routes[route]["Target"].removeprefix("integrations/")
        )
        name, _, alias = integration["IntegrationUri"].rpartition(":function:")[2].partition(":")
        policy = json.loads(functions.get_policy(FunctionName=name, Qualifier=alias)["Policy"])
        path = f"{api}/$default/{route.replace(' ', '')}"
        if not any(str(one["Condition"]).find(path) > 0 for one in policy["Statement"]):
            return None
        return name, functions.get_alias(FunctionName=name, Name=alias)

    def _release(self, name: str, version: str) -> tuple[str, str]:
        found = self.aws.client("lambda").get_function(FunctionName=name, Qualifier=version)
        uri, _, digest = found["Code"]["ResolvedImageUri"].rpartition("@")
        (image,) = self.aws.client("ecr").describe_images(
            repositoryName=uri.partition("/")[2], imageIds=[{"imageDigest": digest}]
        )["imageDetails"]
        variables = found["Configuration"]["Environment"]["Variables"]
        return variables["MLDEPLOY_RELEASE"], image["imageTags"][0]


def paged(call: Any, **params: Any) -> list[dict[str, Any]]:
    """Return all items of a paged call of API Gateway's."""
    items, token = [], None
    while True:
        answer = call(**params, **({"NextToken": token} if token else {}))
        items += answer["Items"]
        token = answer.get("NextToken")
        if not token:
            return items


def encoded(text: str) -> str:
    """Return a log as Invoke's LogResult has it."""
    import base64

    return base64.b64encode(text.encode()).decode()
