"""Compares the desired resources with those in AWS."""

from dataclasses import dataclass

from mldeploy.config import Config
from mldeploy.plan.diff import Plan, diff
from mldeploy.plan.observe import Observed, observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Reads, Resource
from mldeploy.resources.function import Function
from mldeploy.resources.kinds import KINDS, Kinds, order_of
from mldeploy.resources.stack import everything, is_public, leftovers, stack


@dataclass(frozen=True)
class Comparison:
    """The desired resources, the observed resources, and the plan that reconciles them."""

    desired: tuple[Resource, ...]
    observed: Observed
    plan: Plan

    @property
    def public(self) -> bool:
        """Whether the desired API requires no authorization."""
        return is_public(self.desired)


def compare(config: Config, artifact: Artifact, reads: Reads, kinds: Kinds = KINDS) -> Comparison:
    """Read the resources in AWS, including those of removed functions, and return the plan."""
    desired = stack(config, artifact, reads.account, kinds)
    observed = observe(desired, reads, lambda: leftovers(config, desired, reads, kinds))
    return Comparison(desired, observed, diff(desired, observed, order_of(kinds)))


def what_is_there(config: Config, reads: Reads, kinds: Kinds = KINDS) -> Comparison:
    """Read all resources of the stage and return the plan that deletes them."""
    observed = observe(everything(config, reads, kinds), reads)
    return Comparison((), observed, diff((), observed, order_of(kinds)))


def with_aliases(observed: Observed, reads: Reads) -> Observed:
    """Return observed resources and the aliases of the functions among them.

    An alias is deleted with its function, so no plan of a removal has one.
    """
    functions = [one for one in observed.values() if isinstance(one, Function)]
    return {**observed, **observe([Alias(one.name) for one in functions], reads)}
