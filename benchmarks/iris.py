"""Four models of Iris, trained by mldeploy, and the requests that both endpoints get."""

import json
import random
from pathlib import Path
from typing import Any

from mldeploy.config.training import TrainingConfig
from tests.support.models import Trained, project, trained

_TRAIN = """
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
{imports}


def data():
    return load_iris()


def estimator():
    return {estimator}
"""
ESTIMATORS = {
    "KNN": (
        "from sklearn.neighbors import KNeighborsClassifier",
        "make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=5))",
    ),
    "logistic regression": (
        "from sklearn.linear_model import LogisticRegression",
        "make_pipeline(StandardScaler(), LogisticRegression())",
    ),
    "random forest": (
        "from sklearn.ensemble import RandomForestClassifier",
        "make_pipeline(StandardScaler(), RandomForestClassifier(random_state=0))",
    ),
    "histogram gradient boosting": (
        "from sklearn.ensemble import HistGradientBoostingClassifier",
        "make_pipeline(StandardScaler(), HistGradientBoostingClassifier(random_state=0))",
    ),
}
COLUMNS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")


USUAL = TrainingConfig()


def train(name: str, folder: Path, training: TrainingConfig = USUAL, **image: Any) -> Trained:
    """Train one of the estimators in its own project below a folder."""
    imports, estimator = ESTIMATORS[name]
    root = folder / name.replace(" ", "-")
    code = _TRAIN.format(imports=imports, estimator=estimator)
    return trained(project(root, code, training, **image))


def rows(count: int) -> list[list[float]]:
    """Return reproducible rows within the ranges of Iris."""
    draw = random.Random(0).uniform  # noqa: S311 - made-up flowers
    bounds = ((4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5))
    return [[round(draw(low, high), 1) for low, high in bounds] for _ in range(count)]


def event(body: Any, content_type: str = "application/json") -> dict[str, Any]:
    """Return the event that API Gateway sends for a POST, payload 2.0.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    return {
        "version": "2.0",
        "routeKey": "POST /predict",
        "rawPath": "/predict",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": "36",
            "content-type": content_type,
            "host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "http": {"method": "POST", "path": "/predict", "protocol": "HTTP/1.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /predict",
            "stage": "$default",
        },
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
