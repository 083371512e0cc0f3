"""A handler as in tutorials: load the model, read the row, predict, respond."""

import json
from pathlib import Path
from typing import Any

import joblib

MODEL = joblib.load(Path(__file__).with_name("model.joblib"))
NAMES = ["setosa", "versicolor", "virginica"]


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer one row, unchecked."""
    features = json.loads(event["body"])["features"]
    label = int(MODEL.predict([features])[0])
    probabilities = MODEL.predict_proba([features])[0].tolist()
    answer = {
        "class_label": label,
        "class_name": NAMES[label],
        "probabilities": dict(zip(NAMES, probabilities, strict=True)),
    }
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(answer),
    }
