"""Every model behind an `mldeploy serve` of its own."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.clients.models import MODELS, Model
from tests.support.served import serving

_CONFIG = """\
[project]
name = "{name}"

[functions.predict]
paths = [
  "/openapi.json", "/health", "/metadata", "/v2", "/invocations", "/ping", "/version", "/v1/models",
]

[api]
auth = "none"
rate = 100000
burst = 100000

[api.cors]
allow_origins = ["*"]
allow_methods = ["POST"]
allow_headers = ["content-type"]
"""


def write_project(model: Model, folder: Path) -> Path:
    """Write the project of a trained model."""
    folder.mkdir(parents=True)
    (folder / "mldeploy.toml").write_text(_CONFIG.format(name=model.name))
    (folder / "train.py").write_text(model.train, encoding="utf-8")
    shutil.copytree(model.bundle, folder / "model")
    return folder


@contextmanager
def all_served(folder: Path) -> Iterator[dict[str, str]]:
    """Serve all models; gives the address of each."""
    with ExitStack() as stack:
        found = {}
        for model in MODELS:
            root = write_project(model, folder / model.name)
            served = stack.enter_context(serving(root, "--port", "0"))
            found[model.name] = f"http://127.0.0.1:{served.port}"
        yield found
