"""Calls functions: over HTTP as clients do, through Lambda's Invoke, or on this machine."""

import base64
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit, Note
from mldeploy.invoke.endpoint import TOKEN, call_route, method_of, the_api, url_of
from mldeploy.invoke.requests import Request, request_of_data, request_of_event, request_of_payload
from mldeploy.local.environments.runs import Outcome, Runs
from mldeploy.local.ways.staging import recipe
from mldeploy.model.bundle import load_bundle
from mldeploy.model.expected import differences
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.text.data import HIDDEN, InJson, in_json
from mldeploy.text.suggest import did_you_mean

_REFUSED = range(400, 500)
_OK = range(200, 300)
_STARTS = 60.0
"""Seconds for a start on this machine; Lambda's own limit is shorter."""


@dataclass(frozen=True)
class Asked:
    """A request, and what its response must contain (None for anything)."""

    request: Request
    expected: Any = None


@dataclass(frozen=True)
class Invocation:
    """The result of a call.

    Attributes:
        target: what was called.
        status: of the response.
        content: its body, parsed if it is JSON.
        milliseconds: duration of the call.
        log: the end of the function's log; only of direct calls and of those on this machine.
        function_error: Lambda's `FunctionError`, or "".
        of_gateway: whether API Gateway rejected the request.
    """

    target: str
    status: int
    content: Any = field(metadata=in_json(InJson(key="body")))
    milliseconds: float = field(metadata=in_json(InJson(digits=1)))
    log: tuple[str, ...] = ()
    function_error: str = field(default="", metadata=HIDDEN)
    of_gateway: bool = field(default=False, metadata=HIDDEN)

    def judge(self, expected: Any) -> None:
        """Raise unless the call succeeded with the expected response.

        Raises:
            MldeployError: MLD502 for an error, MLD503 for another response.
        """
        text = json.dumps(self.content, ensure_ascii=False)[:2000]
        if self.function_error or self.status not in _OK:
            what = f"function error {self.function_error}" if self.function_error else self.status
            raise MldeployError(
                "MLD502",
                f"{self.target} answered {what}: {text}",
                self._advice(),
                details=tuple(("log", line) for line in self.log),
            )
        found = [] if expected is None else differences(expected, self.content)
        if found:
            shown = tuple(("difference", line) for line in found[:20])
            raise MldeployError(
                "MLD503",
                f"the response differs from the expected one in {len(found)} place(s)",
                "run `mldeploy status`, which shows whether this model is deployed",
                details=shown,
            )

    def _advice(self) -> str:
        if self.of_gateway:
            return (
                "call again: this is API Gateway's own response, which it gives for up to a "
                "minute after a route or a permission was created; `mldeploy status` shows what "
                "is missing, and `mldeploy invoke --direct` shows the function's log"
            )
        if self.status in _REFUSED and not self.function_error:
            return "fix the request; the response says what is wrong with it"
        return "run `mldeploy invoke --direct` to see the function's log"


def pick_request(
    config: Config, data: str | None, event: Path | None, expect: str | None, *, golden: bool
) -> Asked:
    """Return the request of the options; the bundle's example by default.

    Raises:
        MldeployError: MLD110 for options that can't be used together; of reading the inputs.
    """
    given = [
        name
        for name, value in (("--data", data), ("--event", event), ("--golden", golden))
        if value
    ]
    if len(given) > 1:
        raise MldeployError("MLD110", f"{' and '.join(given)} can't be used together", "give one")
    if golden and expect is not None:
        raise MldeployError("MLD110", "--golden and --expect can't be used together", "give one")
    expected = request_of_data(expect).event if expect is not None else None
    if data is not None:
        return Asked(request_of_data(data), expected)
    if event is not None:
        return Asked(request_of_event(event), expected)
    bundle = load_bundle(config.bundle)
    if golden:
        rows = bundle.golden
        return Asked(
            request_of_payload({"instances": rows["inputs"]}), {"predictions": rows["predictions"]}
        )
    return Asked(request_of_payload(bundle.example), expected)


def function_of(config: Config, name: str | None) -> FunctionConfig:
    """Return the function with this name, or the first that serves a model."""
    by_name = {one.name: one for one in config.functions}
    if name is None:
        served = (one for one in config.listed if not one.custom)
        return next(served, config.listed[0])
    if name not in by_name:
        raise MldeployError(
            "MLD111", f"unknown function {name!r} in {config.file.name}",
            did_you_mean(name, by_name),
        )  # fmt: skip
    return by_name[name]


def invoke_http(config: Config, asked: Asked, name: str | None, context: Context) -> Invocation:
    """Send the request to the function's route, or to the event's route if the API has it.

    A function without a route is called through Lambda.
    """
    request = asked.request
    key = f"{request.method} {request.path}"
    if name is not None or key not in {one.route for one in config.routed}:
        key = function_of(config, name).route
    if not key:
        return invoke_direct(config, asked, name, context)
    api = the_api(config, context)
    answer = call_route(config, api, key, request, context)
    target = f"{method_of(key)} {url_of(api, key)}"
    if config.api.jwt and answer.status == 401:  # noqa: PLR2004 - HTTP
        raise MldeployError(
            "MLD507",
            f"{target} returned status 401: the API accepts tokens of {config.api.jwt.issuer}",
            f"set the variable {TOKEN} to a token, or use --direct, which needs none",
        )
    return Invocation(
        target,
        answer.status,
        answer.content,
        answer.milliseconds,
        of_gateway=answer.of_gateway,
    )


def invoke_direct(config: Config, asked: Asked, name: str | None, context: Context) -> Invocation:
    """Call the alias through Lambda's Invoke with the unchanged event."""
    function = config.function_name(function_of(config, name).name)
    started = time.perf_counter()
    answer = context.clients.invoked.invoke(
        FunctionName=function,
        Qualifier=ALIAS,
        LogType="Tail",
        Payload=json.dumps(asked.request.event).encode(),
    )
    payload = answer["Payload"].read().decode("utf-8", "replace")
    took = (time.perf_counter() - started) * 1000
    log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    done = Invocation(
        f"{function}:{ALIAS}",
        answer["StatusCode"],
        json.loads(payload) if payload else None,
        took,
        tuple(log.splitlines()),
        # Invoke returns 200 on a function error; only this field shows it (API reference, Invoke).
        answer.get("FunctionError", ""),
    )
    return _unwrapped(done)


def invoke_local(
    config: Config, asked: Asked, name: str | None, emit: Emit, *, docker: bool = True
) -> Invocation:
    """Call a function on this machine with the file's settings, without AWS.

    Args:
        config: the project.
        asked: the request.
        name: the function's; the first that serves a model if None.
        emit: receives the progress of building the image.
        docker: whether to run the image, built if necessary; else a process in a copy of the
            image's files.

    Raises:
        MldeployError: MLD301 without an engine, MLD352 without a response in time, MLD602 if
            processes can't be run, and those of a build.
    """
    from mldeploy.local.ways.runnable import way_of

    function = function_of(config, name)
    model = config.of_model(function.model)
    log: list[str] = []
    with way_of(config, emit, lambda text: emit(Note(text)), docker=docker) as way:
        spec = recipe(model)
        ready = way.prepare(spec)
        for remark in ready.remarks:
            emit(Note(remark))
        environment = ready.environments(function, log.append)()
        try:
            outcome, took = _called(environment, asked, function.timeout, log)
        finally:
            environment.end()
    target = f"{function.name} in {spec.local_tag if docker else 'a process'}"
    return _answered(outcome, target, took, tuple(log), function.timeout)


def _called(
    environment: Runs, asked: Asked, seconds: float, log: list[str]
) -> tuple[Outcome, float]:
    """Start an environment and send it the event; return the milliseconds, too."""
    if not environment.start(_STARTS):
        return Outcome(None, "init", environment.error), 0.0
    log.clear()  # of the call alone
    began = time.perf_counter()
    outcome = environment.invoke(json.dumps(asked.request.event).encode(), seconds)
    return outcome, (time.perf_counter() - began) * 1000


def _answered(
    outcome: Outcome, target: str, took: float, log: tuple[str, ...], timeout: float
) -> Invocation:
    details = tuple(("log", line) for line in log)
    match outcome.problem:
        case "timeout":
            raise MldeployError(
                "MLD352",
                f"{target} didn't respond within the function's timeout of {timeout:g} s",
                "increase timeout under [functions.<name>], or check what the function waits for",
                details=details,
                exit_code=ExitCode.SMOKE_TEST,  # the environment itself succeeded
            )
        case "engine":
            raise MldeployError(
                "MLD301",
                "the Docker engine stopped during the call",
                "start the engine and call again",
            )
    payload = outcome.answer if outcome.answer is not None else outcome.error
    return _unwrapped(
        Invocation(
            target,
            200,
            json.loads(payload) if payload else None,
            took,
            log,
            "Unhandled" if outcome.problem else "",
        )
    )


def _unwrapped(done: Invocation) -> Invocation:
    """Return the result with the status that is inside the response.

    An API event returns a proxy response, and a rejected bare payload a problem document.
    """
    match done.content:
        case {"statusCode": int(status), "body": body}:
            with suppress(TypeError, ValueError):  # a text, or none
                body = json.loads(body)
            return replace(done, status=status, content=body)
        case {"error": {"type": str(), "status": int(status)}}:
            return replace(done, status=status)
        case _:
            return done
