"""The paths of the protocol, and of Triton's extensions, that the endpoint doesn't serve.

Source: https://github.com/triton-inference-server/server, docs/protocol
"""

from endpoint.event import ROUTES, Event
from endpoint.problem import ProblemError, cut

_EXTENSIONS = {
    **dict.fromkeys(("cudasharedmemory", "systemsharedmemory"), "shared memory"),
    "repository": "the model repository",
    "trace": "tracing",
    "logging": "logging",
}
"""By the first part of their paths."""
_OF_MODELS = {
    "config": "the model configuration",
    "stats": "statistics",
    "trace": "tracing",
    **dict.fromkeys(("generate", "generate_stream"), "generation"),
}
"""By what follows the model's name."""


def refusal(event: Event) -> ProblemError:
    """Return the error for a request that no route of the protocol fits.

    404 if there is no such path, model or version; 501, as Triton has it, for its extensions.
    """
    match _parts(event):
        case ["models", "stats"]:
            return _unsupported(_OF_MODELS["stats"])
        case ["models", _, "versions", *_]:
            return ProblemError(
                404, "the models have no versions; leave out the version (model_version)"
            )
        case ["models", _, what, *_] if what in _OF_MODELS:
            return _unsupported(_OF_MODELS[what])
        case [what, *_] if what in _EXTENSIONS:
            return _unsupported(_EXTENSIONS[what])
        case ["models", name] | ["models", name, "ready" | "infer"]:
            return _no_model(name)
        case _:
            return ProblemError(404, "unknown path; see the routes of the Open Inference Protocol")


def _parts(event: Event) -> list[str]:
    """Return the parts of the path after "/v2/"."""
    parameters = event.get("pathParameters")
    path = parameters.get("path") if isinstance(parameters, dict) else None
    return path.split("/") if isinstance(path, str) else []


def _unsupported(extension: str) -> ProblemError:
    return ProblemError(501, f"the extension for {extension} isn't supported")


def _no_model(name: str) -> ProblemError:
    """Return an error with this function's model; the API's other models have their own routes."""
    infers = [route for route in ROUTES if route.startswith("POST /v2/models/")]
    known = [route.split("/")[3] for route in infers]
    if name in known:
        return ProblemError(404, "infer requires POST, and the model's other paths GET")
    wrong = f"unknown model {cut(name)!r}"
    return ProblemError(404, f"{wrong}; this function's model is {', '.join(known)}")
