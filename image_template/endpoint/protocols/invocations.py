"""`POST /invocations`: the path of MLflow's server and of SageMaker's containers.

Sources: mlflow/pyfunc/scoring_server/__init__.py (MLflow 3.17.2);
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from endpoint.event import Event, body_of, header_of
from endpoint.formats import read
from endpoint.formats.answers import accepted
from endpoint.formats.json_lines import unwrapped
from endpoint.formats.request import Shape
from endpoint.response import Response
from endpoint.service import Service


def respond(event: Event, service: Service, request_id: str) -> Response:
    """Respond to a request in any format, with plain values as MLflow's server writes them.

    The header `accept` may ask for CSV or JSON lines, which SageMaker's clients read. Extra columns
    are ignored unless the configuration refuses them, as MLflow ignores them
    (mlflow/models/utils.py, `_enforce_schema`).

    Raises:
        ProblemError: if the request is invalid.
    """
    raw, content_type = body_of(event, service.most_bytes)
    request = read(raw, content_type, service.model.features, service.most_rows)
    media = accepted(header_of(event, "accept"), request.media)
    if request.shape is Shape.ROWS:
        names = {feature["name"] for feature in service.model.features}
        rows = [unwrapped(row, names) for row in request.rows]
        request = request._replace(rows=rows, shape=Shape.VALUES)
    request = request._replace(media=media)
    return service.respond(request, request_id, extra=service.extra_columns != "refuse")
