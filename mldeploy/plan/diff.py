"""Compares observed with desired resources. Pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from mldeploy.resources.base import Key, Resource, key
from mldeploy.resources.risk import Risk, risk_of
from mldeploy.text.data import SPARSE

Action = Literal["create", "update", "delete"]


# mldeploy's own variables aren't secret, and users look for them.
_OURS = {
    "MLDEPLOY_RELEASE": "release",
    "MLDEPLOY_HANDLER": "handler",
    "MLDEPLOY_SECRETS": "secrets",
}


@dataclass(frozen=True)
class Difference:
    """A field that differs. Contains no secret values, only whether they changed.

    Attributes:
        field: such as "memory", "environment.GREETING" or "routes.POST /predict auth".
        before: as text; "" if there was none.
        after: as text; "" if there is none.
        risk: of AWS's value, such as "widens access"; "" for most fields.
    """

    field: str
    before: str
    after: str
    risk: str = dataclasses.field(default="", metadata=SPARSE)


@dataclass(frozen=True)
class Change:
    """A change. `before` is None for a creation, `after` for a deletion."""

    action: Action
    before: Resource | None
    after: Resource | None

    @property
    def subject(self) -> Resource:
        """The resource that changes."""
        found = self.after or self.before
        if found is None:
            raise AssertionError("a change needs a resource")
        return found

    @property
    def step(self) -> str:
        """Its name in events: "update function mldeploy_iris_dev_predict"."""
        return f"{self.action} {self.subject.kind} {self.subject.name}"

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What an update changes, field by field; empty for creations and deletions."""
        if self.before is None or self.after is None:
            return ()
        return tuple(_differences(self.before, self.after))


@dataclass(frozen=True)
class Plan:
    """All changes of a deploy, in order; falsy if there are none."""

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of_kinds(self, *kinds: str) -> "Plan":
        """Return the plan's changes of these kinds."""
        return Plan(tuple(one for one in self.changes if one.subject.kind in kinds))


def diff(
    desired: Sequence[Resource], observed: Mapping[Key, Resource], order: Sequence[str]
) -> Plan:
    """Return the plan that turns observed into desired resources; makes no call.

    Creations and updates come in the order of `desired`; deletions follow in the reverse of
    `order`, so that nothing is deleted while it is in use.

    Args:
        desired: resources, in order of dependence.
        observed: resources in AWS.
        order: the kinds, in order of dependence.
    """
    changes: list[Change] = []
    for after in desired:
        before = observed.get(key(after))
        if before is None:
            changes.append(Change("create", None, after))
        elif before != after:
            changes.append(Change("update", before, after))
    wanted = {key(one) for one in desired}
    gone = [one for found, one in observed.items() if found not in wanted]
    gone.sort(key=lambda one: (-order.index(one.kind), one.name))
    changes.extend(Change("delete", one, None) for one in gone)
    return Plan(tuple(changes))


def _differences(before: Any, after: Any) -> Iterable[Difference]:
    for one in fields(after):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if not one.compare or old == new:
            continue
        if one.metadata.get("secret"):
            yield from _secret(one.name, dict(old), dict(new))
        elif _named(old) or _named(new):
            yield from _by_name(one.name, _by_key(old), _by_key(new), risk_of(one))
        else:
            yield Difference(one.name, _text(old), _text(new), risk_of(one)(old, new))


def _secret(name: str, old: dict[str, str], new: dict[str, str]) -> Iterable[Difference]:
    """Return which values changed, without the values."""
    for variable in sorted(old.keys() | new.keys()):
        if variable in _OURS:
            if old.get(variable) != new.get(variable):
                yield Difference(_OURS[variable], old.get(variable, ""), new.get(variable, ""))
        elif variable not in old:
            yield Difference(f"{name}.{variable}", "", "(set)")
        elif variable not in new:
            yield Difference(f"{name}.{variable}", "(set)", "")
        elif old[variable] != new[variable]:
            yield Difference(f"{name}.{variable}", "(a value)", "(another value)")


def _named(value: Any) -> bool:
    """Return whether a value is a tuple of pairs or of objects with a key."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and (hasattr(value[0], "key") or isinstance(value[0], tuple))
    )


def _by_key(values: tuple[Any, ...]) -> dict[str, Any]:
    return {
        str(one[0] if isinstance(one, tuple) else one.key): one[1]
        if isinstance(one, tuple)
        else one
        for one in values
    }


def _by_name(
    name: str, old: dict[str, Any], new: dict[str, Any], risk: Risk
) -> Iterable[Difference]:
    for one in sorted(old.keys() | new.keys()):
        was, will = old.get(one), new.get(one)
        if was != will:
            yield from _of_part(f"{name}.{one}", was, will, risk(was, will))


def _of_part(name: str, was: Any, will: Any, risk: str) -> Iterable[Difference]:
    """Return how a part differs: field by field if it was and will be there."""
    if not is_dataclass(was) or type(was) is not type(will):
        yield Difference(name, _text(was), _text(will), risk)
        return
    for one in _differences(was, will):
        yield dataclasses.replace(one, field=f"{name} {one.field}", risk=risk)


def _text(value: Any) -> str:
    match value:
        case None | "" | ():
            return ""
        case tuple():
            return ", ".join(_text(one) for one in value)
        case bool():
            return "yes" if value else "no"
        case _ if is_dataclass(value) and type(value).__str__ is object.__str__:
            return " ".join(
                f"{one.name}={_text(getattr(value, one.name))}"
                for one in fields(value)
                if one.compare and one.name != "key"
            )
        case _:
            return str(value)
