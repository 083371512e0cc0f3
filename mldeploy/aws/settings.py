"""Settings of boto3's clients."""

from typing import Any


def client_settings(*, retries: bool, seconds: float, direct: bool) -> Any:
    """Return boto3's `config`.

    Args:
        retries: False for calls that must not be retried blindly.
        seconds: timeout of a response.
        direct: whether to use no proxy, for an emulator on this machine.
    """
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 8 if retries else 1},
        user_agent_extra="mldeploy",
        connect_timeout=10,
        read_timeout=seconds,
        # Lambda API reference, Invoke: the network may close an idle connection.
        tcp_keepalive=True,
        max_pool_connections=16,
        proxies={} if direct else None,
    )
