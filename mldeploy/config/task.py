"""The folder of a function's code in an image, and mldeploy's own folders in it."""

TASK = "/var/task"
"""Lambda's LAMBDA_TASK_ROOT (developer guide, "Defined runtime environment variables")."""
ENDPOINT, MODEL = "endpoint", "model"
"""The folders of the handler and of the model."""
