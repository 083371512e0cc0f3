"""Selects the way to run functions on this machine, and checks its requirements."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.files.scratch import Scratch
from mldeploy.local.environments.output import Log
from mldeploy.local.ways.processes import Processes
from mldeploy.local.ways.ready import Way


@contextmanager
def way_of(config: Config, emit: Emit, say: Log, *, docker: bool) -> Iterator[Way]:
    """Yield the way to run a project's models.

    Args:
        config: the project.
        emit: receives a build's progress.
        say: receives notes.
        docker: whether to use containers of their images; else processes.

    Raises:
        MldeployError: MLD301 without an engine, MLD602 without AWS's runtime client.
    """
    if docker:
        from mldeploy.local.ways.containers import Images

        images = Images(config, emit, say)
        try:
            yield images
        finally:
            images.close()
        return
    require_runtime_client()
    with Scratch() as folder:
        yield Processes(config, folder)


def require_runtime_client() -> None:
    """Check that AWS's runtime client is installed.

    Raises:
        MldeployError: MLD602.
    """
    # Its compiled part exists for Linux only.
    if find_spec("awslambdaric") is None or find_spec("runtime_client") is None:
        raise MldeployError(
            "MLD602",
            "AWS's runtime client (awslambdaric) isn't installed; it requires Linux",
            "run `pip install awslambdaric` on Linux; on other systems use WSL or a container",
        )
