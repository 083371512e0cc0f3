"""A Ray cluster, by Ray's client."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldeploy.config.engine import Engine
from mldeploy.model.engines.sending import by_value

if TYPE_CHECKING:
    from concurrent.futures import Future


class RayConnection:
    """A connection to a cluster's client server. TLS and tokens come from Ray's own variables.

    Source: Ray's documentation, "TLS authentication": RAY_USE_TLS, RAY_TLS_CA_CERT and others.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        # Ray reads it when it is imported: seconds for which it tries to connect again.
        os.environ.setdefault("RAY_CLIENT_RECONNECT_GRACE_PERIOD", str(int(seconds)))
        import ray

        self._ray: Any = ray
        ray.init(
            engine.url,
            # As in the training process: sets of texts are pickled in one order.
            runtime_env={"env_vars": {"PYTHONHASHSEED": "0"}},
            log_to_driver=False,
            logging_level="ERROR",
        )
        self._run = ray.remote(by_value())

    def cores(self) -> int:
        """Return the number of the nodes' CPUs."""
        return int(self._ray.cluster_resources().get("CPU", 0))

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Run a function on each node, also if all of its CPUs are busy."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = [one for one in self._ray.nodes() if one["Alive"]]
        remote = self._ray.remote(lambda: function(*arguments))
        started = {
            one["NodeManagerAddress"] + f" ({one['NodeID'][:8]})": remote.options(
                num_cpus=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(one["NodeID"], soft=False),
            ).remote()
            for one in nodes
        }
        return {name: self._result(reference) for name, reference in started.items()}

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except Exception as error:  # noqa: BLE001 - judged by who asked
            return error

    def put(self, content: Any) -> Any:
        """Put content into Ray's object store."""
        return self._ray.put(content)

    def submit(self, code: Any, call: bytes, parts: list[Any]) -> "Future[bytes]":
        """Start a task."""
        found: Future[bytes] = self._run.remote(code, call, *parts).future()
        return found

    def close(self) -> None:
        """End the connection; Ray then ends the job's tasks."""
        self._ray.shutdown()
