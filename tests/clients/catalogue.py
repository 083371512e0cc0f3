"""The clients: which script calls with them, in which environment, and whether they get scores."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Script:
    """A script in `scripts/` that calls every model with some clients.

    Attributes:
        file: its name.
        environment: a folder of `.clients`.
        clients: names in the table, with whether the client's answer has probabilities.
        programs: of Debian's packages, that must be on PATH, with the package.
    """

    file: str
    environment: str
    clients: dict[str, bool]
    programs: dict[str, str] = field(default_factory=dict)


SCRIPTS = (
    Script(
        "plain.py",
        "plain",
        {
            "curl": True,
            "curl, CSV": True,
            "curl, gzip": True,
            "ab -k": True,
            "requests": True,
            "httpx": True,
            "aiohttp": True,
            "requests, MLflow's dataframe_split": False,
            "requests, MLflow's inputs": False,
            "requests, MLflow's CSV": False,
            "requests, TensorFlow Serving's instances": False,
            "requests, TensorFlow Serving's inputs": False,
        },
        {"curl": "curl", "ab": "apache2-utils"},
    ),
    Script("fetch.mjs", "node", {"node's fetch": True}),
    Script(
        "browser.py",
        "browser",
        {"a browser's fetch (Chromium)": True},
        {"chromium": "chromium", "chromedriver": "chromium-driver"},
    ),
    Script(
        "with_triton.py",
        "triton",
        {
            "tritonclient.http": True,
            "tritonclient.http, JSON": True,
            "tritonclient.http.aio": True,
            "tritonclient.http.aio, JSON": True,
        },
    ),
    Script(
        "with_kserve.py",
        "kserve",
        {"KServe, v2": True, "KServe, v2, JSON": True, "KServe, v1": False},
    ),
    Script(
        "with_mlserver.py",
        "mlserver",
        {"MLServer's codecs, requests": False, "MLServer's codecs, httpx": False},
    ),
    Script("with_mlflow.py", "mlflow", {"MLflow's ScoringServerClient": False}),
    Script("generated.py", "generated", {"openapi-python-client": True}),
    Script(
        "typescript.mjs",
        "node",
        {"openapi-typescript, openapi-fetch": True, "@hey-api/openapi-ts": True},
    ),
    Script("newman.mjs", "node", {"Postman's newman, imported collection": True}),
)
CLIENTS = {client: script for script in SCRIPTS for client in script.clients}
