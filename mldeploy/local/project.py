"""The functions of a project as they run on this machine, and their reload."""

import shutil
import threading
import time
from pathlib import Path

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.handlers import command_of
from mldeploy.local.environment import Environment, Launch
from mldeploy.local.gateway import PATIENCE
from mldeploy.local.output import Log
from mldeploy.local.payload import ACCOUNT
from mldeploy.local.pool import Pool
from mldeploy.local.runs import Outcome
from mldeploy.local.stage import Staged, recipe, signs, stage
from mldeploy.local.variables import lambda_variables

RELEASE = "local"
_REGION = "us-east-1"
"""Where neither file nor environment names one."""


class Project:
    """Serves events to the functions of a project.

    Args:
        config: the project.
        environments: how many a function may have.
        folder: an empty one, for the copies.
        log: takes the functions' lines.
        say: takes what happens here.
    """

    def __init__(self, config: Config, environments: int, folder: Path, log: Log, say: Log) -> None:
        self._config, self._environments, self._folder = config, environments, folder
        self._log, self._say = log, say
        self._models = {name: config.of_model(name) for name in config.used_models}
        self._signs = {name: signs(one) for name, one in self._models.items()}
        self._staged: dict[str, Staged] = {}
        self._pools: dict[str, Pool] = {}
        # Those that start and those that end, too.
        self._every: list[Pool] = []
        self._copies = 0

    def start(self) -> bool:
        """Stage every model and start an environment for each function; False where one failed.

        A function whose code fails is told of, and tried again with each request and change.

        Raises:
            MldeployError: of reading the bundles, and of what the file includes.
        """
        for name, model in self._models.items():
            self._staged[name] = self._stage(model)
            for remark in self._staged[name].remarks:
                self._say(f"not as in the image: {remark}")
        for function in self._config.functions:
            self._pools[function.name] = self._pool(function, self._staged[function.model])
        return _warm(list(self._pools.values()))

    def invoke(self, name: str, event: bytes, seconds: float) -> Outcome:
        """Have a function answer an event; during a reload the new one does."""
        until = time.monotonic() + seconds
        while True:
            found = self._pools[name].invoke(event, until - time.monotonic())
            if found.problem != "retired":
                return found

    def reload(self) -> None:
        """Serve what changed since the last call, if it starts; else go on with what there was."""
        for name, model in self._models.items():
            now = signs(model)
            if now == self._signs[name]:
                continue
            self._signs[name] = now
            try:
                self._change(name, model)
            except MldeployError as error:
                # Training may be half-way through; the next change tries again.
                self._say(f"not reloaded: {error.message}")
            except OSError as error:
                self._say(f"not reloaded: {error.strerror}: {error.filename}")

    def close(self) -> None:
        """End every environment."""
        for pool in list(self._every):
            pool.end()

    def _change(self, name: str, model: Config) -> None:
        began = time.monotonic()
        staged = self._stage(model)
        before = self._staged[name]
        if staged.fingerprint == before.fingerprint:
            shutil.rmtree(staged.folder)
            return
        pools = {one.name: self._pool(one, staged) for one in model.functions}
        if not _warm(list(pools.values())):
            self._say("not reloaded: what was served before goes on; the next change tries again")
            self._retire(list(pools.values()), staged.folder)
            return
        old = [self._pools[one] for one in pools]
        self._pools.update(pools)
        self._staged[name] = staged
        self._say(f"reloaded {', '.join(pools)} in {time.monotonic() - began:.2f} s")
        retiring = (old, before.folder)
        threading.Thread(target=self._retire, args=retiring, daemon=True).start()

    def _retire(self, pools: list[Pool], folder: Path) -> None:
        """Let environments end when they have answered, then remove their files."""
        for pool in pools:
            pool.retire()
            self._every.remove(pool)
        shutil.rmtree(folder, ignore_errors=True)

    def _stage(self, model: Config) -> Staged:
        self._copies += 1
        return stage(recipe(model), self._folder / str(self._copies))

    def _pool(self, function: FunctionConfig, staged: Staged) -> Pool:
        several = len(self._config.functions) > 1
        log = (lambda line: self._log(f"{function.name}: {line}")) if several else self._log
        limit = min(self._environments, function.reserved_concurrency or self._environments)
        started = launch(self._config, function, staged)
        pool = Pool(lambda: Environment(started, log), limit, log)
        self._every.append(pool)
        return pool


def launch(config: Config, function: FunctionConfig, staged: Staged) -> Launch:
    """Return how environments of a function are started."""
    name = config.function_name(function.name)
    region = config.region or _REGION
    handler = command_of(function)
    lambdas = lambda_variables(
        name=name,
        version="$LATEST",
        handler=handler,
        memory=function.memory,
        region=region,
        task=str(staged.folder),
    )
    own = {
        **dict(function.environment),
        **config.variables(function),
        "MLDEPLOY_RELEASE": RELEASE,
    }
    return Launch(
        name=name,
        arn=f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}",
        task=staged.folder,
        handler=handler,
        memory=function.memory,
        timeout=function.timeout,
        variables=tuple(sorted({**own, **lambdas}.items())),
        image_variables=staged.variables,
        absent=staged.absent,
    )


def _warm(pools: list[Pool]) -> bool:
    """Start an environment of each; False where one failed."""
    started: list[bool] = []
    # An executor would wait for them also when this is interrupted.
    threads = [
        threading.Thread(target=lambda pool=pool: started.append(pool.warm(PATIENCE)), daemon=True)
        for pool in pools
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return all(started) and len(started) == len(pools)
