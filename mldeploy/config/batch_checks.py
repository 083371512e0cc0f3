"""Checks of [batch] together with the functions."""

from collections.abc import Iterator
from dataclasses import replace

from mldeploy.config import Config
from mldeploy.config.batch import ROLE_SUFFIX, BatchConfig
from mldeploy.config.checks import names, together
from mldeploy.config.problems import MISSING_KEY, WRONG_VALUE, Origins, Problem
from mldeploy.facts.quotas import ROLE_NAME_LENGTH
from mldeploy.text.suggest import did_you_mean


def problems_of(config: Config, origins: Origins) -> Iterator[Problem]:
    """Yield the problems of values in combination; those of a function's model only once."""
    yield from together(replace(config, functions=config.listed), origins)
    if config.batch is not None:
        yield from _function(config, config.batch, origins)
        yield from _prefixes(config.batch, origins)
        yield from _length(config, origins)


def _function(config: Config, batch: BatchConfig, origins: Origins) -> Iterator[Problem]:
    """Require a function with a model, and no other function with the batch function's name."""
    served = [one.name for one in config.listed if not one.custom]
    path = ("batch", "function")
    if batch.function and batch.function not in served:
        sentence = f"`function` in [batch] names {batch.function}, which serves no model"
        yield origins.problem(WRONG_VALUE, path, sentence, did_you_mean(batch.function, served))
    elif not served:
        yield origins.problem(WRONG_VALUE, ("batch",), "[batch] requires a function with a model")
    elif not batch.function and len(served) > 1:
        sentence = f"`function` is missing in [batch]: {', '.join(served)} serve a model"
        advice = f'write function = "{served[0]}"'
        yield origins.problem(MISSING_KEY, ("batch",), sentence, advice)
    if config.batches and config.batches.name in {one.name for one in config.listed}:
        sentence = f"[batch] adds a function {config.batches.name}, and the file has one"
        yield origins.problem(
            WRONG_VALUE, ("functions", config.batches.name), sentence, "rename yours"
        )


def _prefixes(batch: BatchConfig, origins: Origins) -> Iterator[Problem]:
    """Require prefixes."""
    for key in ("inputs", "outputs"):
        if not getattr(batch, key):
            sentence = f"`{key}` is missing in [batch]: the function may use no other objects"
            advice = f'write {key} = ["s3://BUCKET/PREFIX/"]'
            yield origins.problem(MISSING_KEY, ("batch",), sentence, advice)


def _length(config: Config, origins: Origins) -> Iterator[Problem]:
    """Check the lengths of the batch function's name and of both roles' names."""
    if config.batches is None:
        return
    found = list(names(replace(config, functions=(config.batches,)), origins))
    yield from found
    role = f"{config.function_name(config.batches.name)}_{config.region}{ROLE_SUFFIX}"
    if not found and config.region and not config.role.arn and len(role) > ROLE_NAME_LENGTH:
        sentence = (
            f"the name of the role, {role}, has {len(role)} characters; AWS accepts "
            f"{ROLE_NAME_LENGTH}"
        )
        advice = "shorten the name of the project, the stage or the function"
        yield origins.problem(WRONG_VALUE, ("project", "name"), sentence, advice)
