"""How boto3's clients call AWS."""

from typing import Any


def client_settings(*, retries: bool, seconds: float, direct: bool) -> Any:
    """Return what boto3 takes as `config`.

    Args:
        retries: False for calls that mustn't be repeated blindly.
        seconds: that an answer may take.
        direct: whether no proxy is asked: an emulator is on this machine.
    """
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 8 if retries else 1},
        user_agent_extra="mldeploy",
        connect_timeout=10,
        read_timeout=seconds,
        # Lambda API reference, Invoke: the network may cut an idle connection.
        tcp_keepalive=True,
        max_pool_connections=16,
        proxies={} if direct else None,
    )
