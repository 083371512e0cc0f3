"""Reads an API's OpenAPI document: where it is deployed, at a URL, or from the local bundle."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.http.call import Answer
from mldeploy.invoke.endpoint import call_route
from mldeploy.invoke.requests import Request
from mldeploy.local.api.payload import Request as HttpRequest
from mldeploy.local.api.payload import event_of, response_of
from mldeploy.local.api.routes import Match
from mldeploy.local.environments.runs import Outcome
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import api_seed

PATH = "/openapi.json"
_KEY = f"GET {PATH}"
_SERVED = "http://127.0.0.1:8000"
"""Where `mldeploy serve` listens."""
_STARTS = 60.0
"""Seconds for a start on this machine."""
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_HINTS = {
    _UNAUTHORIZED: "set the variable MLDEPLOY_TOKEN to a token, or use --bundle",
    _FORBIDDEN: "use credentials that may call the API, or --bundle",
    _NOT_FOUND: 'add "/openapi.json" to `paths` of a function and deploy, or use --bundle',
}


@dataclass(frozen=True)
class Document:
    """An OpenAPI document.

    Attributes:
        content: its JSON; `servers` has `base` only.
        base: the API's URL, without a slash at the end.
        source: where it was read.
    """

    content: dict[str, Any]
    base: str
    source: str

    @property
    def auth(self) -> str:
        """Who may call the API: "iam", "jwt" or "" for anyone."""
        return next((name for one in self.content.get("security", ()) for name in one), "")


def deployed_document(config: Config, context: Context) -> Document | None:
    """Return the document of the deployed API, or None if nothing is deployed.

    Raises:
        MldeployError: MLD624 if the API doesn't give it.
        NoAnswerError: if there is no response.
    """
    api = api_seed(config).observe(context.reads)
    if api is None:
        return None
    base = api.url.rstrip("/")
    answer = call_route(config, api, _KEY, Request(b"", None), context)
    return _document(answer, base, base + PATH)


def document_at(url: str, call: Callable[..., Answer]) -> Document:
    """Return the document of the API at a URL, or the one that the URL names.

    Raises:
        MldeployError: MLD624 if there is none.
        NoAnswerError: if there is no response.
    """
    base = url.rstrip("/").removesuffix(PATH)
    source = url if url.endswith(".json") else base + PATH
    if not source.startswith(("http://", "https://")):
        raise _none(url, "isn't a URL of HTTP", "give a URL such as https://api.example.com")
    return _document(call("GET", source, None), base, source)


def document_of_bundle(config: Config, emit: Emit) -> Document:
    """Return the document that the local bundles' API would have.

    A function runs in a process for it, with the code of the project that it needs.

    Raises:
        MldeployError: MLD201 without a bundle, MLD602 if processes can't be run, MLD605 without a
            route, MLD624 if the function doesn't start.
    """
    from mldeploy.local.ways.runnable import way_of
    from mldeploy.local.ways.staging import recipe

    config, function = _documented(config)
    with way_of(config, emit, lambda text: emit(Note(text)), docker=False) as way:
        ready = way.prepare(recipe(config.of_model(function.model)))
        environment = ready.environments(function, lambda _line: None)()
        try:
            if not environment.start(_STARTS):
                raise _none("the bundle's function", environment.error.decode(), _TRY)
            outcome = environment.invoke(json.dumps(_event(config)).encode(), _STARTS)
        finally:
            environment.end()
    return _document(_answer(outcome), _SERVED, "the local bundle")


_TRY = "run `mldeploy serve`, which shows the function's log"


def _documented(config: Config) -> tuple[Config, FunctionConfig]:
    """Return the settings with the document among the paths of a function, and that function."""
    chosen = next((one for one in config.routed if not one.custom), None)
    if chosen is None:
        raise MldeployError(
            "MLD605",
            "no function that serves a model has a route, so there is no OpenAPI document",
            "give a function a route, or name an API with --url",
        )
    changed = replace(chosen, paths=tuple(dict.fromkeys((*chosen.paths, PATH))))
    functions = tuple(changed if one == chosen else one for one in config.functions)
    return replace(config, functions=functions), changed


def _event(config: Config) -> dict[str, Any]:
    host = ("host", _SERVED.removeprefix("http://"))
    event = event_of(HttpRequest("GET", PATH, (host,)), Match(_KEY))
    if config.api.auth != "none":
        # API Gateway says so of a request that it let in; the document names the scheme.
        event["requestContext"]["authorizer"] = {config.api.auth: {"claims": {}}}
    return event


def _answer(outcome: Outcome) -> Answer:
    found = response_of(outcome.answer or b"null")
    if outcome.problem or found is None:
        raise _none("the bundle's function", outcome.error.decode() or outcome.problem, _TRY)
    return Answer(found.status, found.body.decode(), 0.0)


def _document(answer: Answer, base: str, source: str) -> Document:
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        hint = _HINTS.get(answer.status, _TRY)
        raise _none(source, f"returned status {answer.status}: {answer.body[:300]}", hint)
    content = answer.content
    if not isinstance(content, dict) or not isinstance(content.get("paths"), dict):
        raise _none(source, "isn't an OpenAPI document", "name the API or its document with --url")
    return Document({**content, "servers": [{"url": base}]}, base, source)


def _none(what: str, why: str, hint: str) -> MldeployError:
    return MldeployError("MLD624", f"{what} {why}", hint)
