"""Whether this machine can run functions at all."""

from importlib.util import find_spec

from mldeploy.errors import MldeployError


def require_runtime_client() -> None:
    """Check that AWS's runtime client is here.

    Raises:
        MldeployError: MLD602.
    """
    # Its compiled part is made for Linux only.
    if find_spec("awslambdaric") is None or find_spec("runtime_client") is None:
        raise MldeployError(
            "MLD602",
            "AWS's runtime client (awslambdaric) isn't installed: it exists for Linux only",
            "on Linux `pip install awslambdaric`; elsewhere use WSL or a container",
        )
