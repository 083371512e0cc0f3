"""Runs and reloads a project's functions on this machine."""

import threading
import time

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import GATEWAY_SECONDS
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.pool import Pool
from mldeploy.local.environments.runs import Outcome
from mldeploy.local.ways.ready import Ready, Way
from mldeploy.local.ways.staging import recipe, signs


class Project:
    """Passes events to a project's functions.

    Args:
        config: the project.
        environments: maximum number per function.
        way: how models are run.
        log: receives the functions' lines.
        say: receives notes on reloads.
    """

    def __init__(self, config: Config, environments: int, way: Way, log: Log, say: Log) -> None:
        self._config, self._environments, self._way = config, environments, way
        self._log, self._say = log, say
        self._models = {name: config.of_model(name) for name in config.used_models}
        self._signs = {name: signs(one) for name, one in self._models.items()}
        self._ready: dict[str, Ready] = {}
        self._pools: dict[str, Pool] = {}
        # Including those that are starting or ending.
        self._every: list[Pool] = []

    def start(self) -> bool:
        """Prepare every model, start an environment per function; return False if one failed.

        A function whose code fails is reported, and retried with each request and change.

        Raises:
            MldeployError: of reading the bundles, of included files, and of preparing them.
        """
        for name, model in self._models.items():
            self._ready[name] = self._way.prepare(recipe(model))
            for remark in self._ready[name].remarks:
                self._say(remark)
        for function in self._config.listed:
            self._pools[function.name] = self._pool(function, self._ready[function.model])
        return _warm(list(self._pools.values()))

    def invoke(self, name: str, event: bytes, seconds: float) -> Outcome:
        """Pass an event to a function; during a reload to the new one."""
        until = time.monotonic() + seconds
        while True:
            found = self._pools[name].invoke(event, until - time.monotonic())
            if found.problem != "retired":
                return found

    def reload(self) -> None:
        """Serve changes since the last call if they start; else keep the current functions."""
        for name, model in self._models.items():
            now = signs(model)
            if now == self._signs[name]:
                continue
            self._signs[name] = now
            try:
                self._change(name, model)
            except MldeployError as error:
                # Training may be in progress; the next change retries.
                self._say(f"not reloaded: {error.message}")
                for kind, line in error.details:
                    self._say(f"  {kind}: {line}")
            except OSError as error:
                self._say(f"not reloaded: {error.strerror}: {error.filename}")

    def close(self) -> None:
        """End every environment."""
        for pool in list(self._every):
            pool.end()

    def _change(self, name: str, model: Config) -> None:
        began = time.monotonic()
        spec, before = recipe(model), self._ready[name]
        if spec.fingerprint == before.fingerprint:
            return
        ready = self._way.prepare(spec)
        pools = {one.name: self._pool(one, ready) for one in model.listed}
        if not _warm(list(pools.values())):
            self._say("not reloaded; still serving the previous code, until the next change")
            self._retire(list(pools.values()), ready)
            return
        old = [self._pools[one] for one in pools]
        self._pools.update(pools)
        self._ready[name] = ready
        self._say(f"reloaded {', '.join(pools)} in {time.monotonic() - began:.2f} s")
        retiring = (old, before)
        threading.Thread(target=self._retire, args=retiring, daemon=True).start()

    def _retire(self, pools: list[Pool], ready: Ready) -> None:
        """End environments after their requests, then remove their files."""
        for pool in pools:
            pool.retire()
            self._every.remove(pool)
        ready.discard()

    def _pool(self, function: FunctionConfig, ready: Ready) -> Pool:
        several = len(self._config.listed) > 1
        log = (lambda line: self._log(f"{function.name}: {line}")) if several else self._log
        limit = min(self._environments, function.reserved_concurrency or self._environments)
        pool = Pool(ready.environments(function, log), limit, log)
        self._every.append(pool)
        return pool


def _warm(pools: list[Pool]) -> bool:
    """Start an environment per pool; return False if one failed."""
    started: list[bool] = []
    # An executor would also wait for them when interrupted.
    threads = [
        threading.Thread(
            target=lambda pool=pool: started.append(pool.warm(GATEWAY_SECONDS)), daemon=True
        )
        for pool in pools
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return all(started) and len(started) == len(pools)
