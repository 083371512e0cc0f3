"""The list of kinds, from which everything that depends on all kinds is derived."""

from collections.abc import Sequence

from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Resource
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.image import Image
from mldeploy.resources.log_group import LogGroup
from mldeploy.resources.provisioned import ProvisionedConcurrency
from mldeploy.resources.repository import Repository
from mldeploy.resources.role import Role
from mldeploy.resources.schedule import Schedule
from mldeploy.resources.state_machine import StateMachine
from mldeploy.resources.version import Version

Kinds = Sequence[type[Resource]]

CURRENT: Kinds = (
    LogGroup,
    Repository,
    Image,
    Role,
    Function,
    Version,
    Alias,
    HttpApi,
    ProvisionedConcurrency,
    Schedule,
    StateMachine,
)
"""Within a phase, each kind depends on those before it."""

RETIRED: Kinds = ()
"""Kinds that no stage desires any more: their resources are found and deleted."""

KINDS: Kinds = (*CURRENT, *RETIRED)


def in_order(kinds: Kinds) -> list[type[Resource]]:
    """Return kinds in the order of creation: phase by phase."""
    return sorted(kinds, key=lambda kind: kind.phase)


def order_of(kinds: Kinds) -> tuple[str, ...]:
    """Return the kinds' names in the order of creation."""
    return tuple(kind.kind for kind in in_order(kinds))


ORDER = order_of(KINDS)
