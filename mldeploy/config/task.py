"""The folder of a function's code in an image, and what mldeploy itself puts there."""

TASK = "/var/task"
"""Lambda's own, LAMBDA_TASK_ROOT (developer guide, "Defined runtime environment variables")."""
ENDPOINT, MODEL = "endpoint", "model"
"""The folders of the handler and of the model."""
