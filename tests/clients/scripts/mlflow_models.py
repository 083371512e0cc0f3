"""Save models as MLflow's documentation does, with a signature: jobs on stdin, as JSON."""

import json
import sys

import joblib
import mlflow.sklearn
from answers import array_of, frame_of
from mlflow.models import infer_signature

for model in json.load(sys.stdin):
    estimator = joblib.load(model["estimator"])
    x = {"array": array_of, "frame": frame_of}.get(model["kind"], lambda one: one["rows"])(model)
    signature = infer_signature(x, estimator.predict(x))
    # Without requirements MLflow would look for them in a process of its own, half a minute long.
    mlflow.sklearn.save_model(
        estimator,
        model["target"],
        signature=signature,
        serialization_format="cloudpickle",
        pip_requirements=["mlflow-skinny"],
    )
