"""The clean process, run by its path: it may import nothing of mldeploy, as the image can't.

Only the standard library, what pip installed and the image's own folder can be imported, less
the modules that the image won't have. In a checkout or with editable installs more would be.
"""

import copy
import json
import os
import site
import sys
from contextlib import AbstractContextManager, nullcontext
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main() -> None:
    """Process the request, and write the result to its file."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    restrict(Path(request["task"]), set(request["absent"]))
    os.environ |= {"LAMBDA_TASK_ROOT": request["task"], **request["environment"]}
    from endpoint.deferred import used  # type: ignore[import-not-found,unused-ignore]
    from endpoint.handler import MODEL, handle  # type: ignore[import-not-found,unused-ignore]

    sys.stdout = sys.stderr  # the handler writes a line per request
    with _sequential():
        verified = [handle(event, None) for event in request["verify"]]
        object.__setattr__(MODEL, "predictor", Remembering(MODEL.predictor))
        responses = [_response(handle(_event(one), _CONTEXT)) for one in request["requests"]]
    answer = {
        "verified": verified,
        "responses": responses,
        "dtypes": _dtypes(MODEL, request["rows"]),
        "used": used(MODEL.facts["model"].get("deferred", ())),
    }
    Path(request["answer"]).write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")


def _sequential() -> AbstractContextManager[Any]:
    """Do as `mldeploy.model.sequential`; a model that was loaded without joblib has no threads."""
    joblib = sys.modules.get("joblib")
    return joblib.parallel_config(backend="sequential") if joblib else nullcontext()


_CONTEXT = SimpleNamespace(aws_request_id="proof")


class Remembering:
    """A predictor that caches predictions of rows sent in several formats."""

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor
        self._known: dict[str, Any] = {}

    def predict(self, rows: Any) -> Any:
        """Answer rows; equal ones, value by value and type by type, as before."""
        key = repr(rows)
        if key not in self._known:
            self._known[key] = self._predictor.predict(rows)
        return copy.deepcopy(self._known[key])


def _event(request: dict[str, str]) -> dict[str, Any]:
    """Return the event of a request to an HTTP API, payload 2.0.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    route = request["route"]
    method, _, path = route.partition(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": request["content_type"]},
        "requestContext": {"routeKey": route, "http": {"method": method, "path": path}},
        "body": request["body"],
        "isBase64Encoded": False,
    }


def _response(answer: dict[str, Any]) -> dict[str, Any]:
    return {"status": answer["statusCode"], "body": json.loads(answer["body"])}


def _dtypes(model: Any, rows: Any) -> list[str]:
    """Return the dtypes of the endpoint's table of rows; empty without rows."""
    if not rows:
        return []
    from endpoint.frameworks.tables import raw_table  # type: ignore[import-not-found,unused-ignore]

    table = raw_table(model.facts["signature"], model.features)(rows)
    return [str(one) for one in table.dtypes] if hasattr(table, "dtypes") else [str(table.dtype)]


def restrict(task: Path, absent: set[str]) -> None:
    """Restrict the path to the image's modules, as the worker of a process does, too."""
    packages = {*site.getsitepackages(), site.getusersitepackages()}
    prefixes = {sys.base_prefix, sys.base_exec_prefix}
    kept = [
        entry
        for entry in sys.path
        if entry in packages or any(Path(entry).is_relative_to(one) for one in prefixes)
    ]
    sys.path[:] = [str(task), *kept]

    class Present(PathFinder):
        """Finds modules by the path, except those missing in the image."""

        @classmethod
        def find_spec(
            cls, fullname: str, path: Any = None, target: Any = None
        ) -> ModuleSpec | None:
            """Return None for an absent name, as if it weren't installed."""
            if fullname.partition(".")[0] in absent:
                return None
            return super().find_spec(fullname, path, target)

    # Editable installs add finders; only the interpreter's are kept.
    own = [one for one in sys.meta_path if getattr(one, "__module__", "").startswith("_frozen_")]
    sys.meta_path[:] = [Present if one is PathFinder else one for one in own]


if __name__ == "__main__":
    main()
