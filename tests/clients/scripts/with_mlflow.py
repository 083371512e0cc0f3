"""MLflow's client of its own scoring server."""

from typing import Any
from urllib.parse import urlsplit

from answers import Answer, Model, array_of, frame_of, run
from mlflow.pyfunc.scoring_server.client import ScoringServerClient


def _data(model: Model) -> Any:
    if model["kind"] == "texts":
        return model["rows"]
    return frame_of(model) if model["kind"] == "frame" else array_of(model)


def scoring_server_client(model: Model) -> Answer:
    """`ScoringServerClient(host, port).invoke(data)`."""
    parts = urlsplit(model["url"])
    client = ScoringServerClient(parts.hostname, parts.port)
    client.wait_server_ready(timeout=1)
    client.get_version()
    table = client.invoke(_data(model)).get_predictions()
    rows = table.to_numpy().tolist()
    return {"predict": [row[0] if len(row) == 1 else row for row in rows]}


run({"MLflow's ScoringServerClient": scoring_server_client})
