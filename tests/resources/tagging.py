"""Tags as others see and set them: by the command that a refusal names, or none at all."""

import contextlib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import Shape

from mldeploy.config import TAG_PROJECT
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context, Resource
from tests.strict.aws import StrictAws
from tests.strict.calls import Call

SESSION = botocore.session.get_session()
TAGS = ("Tags", "tags")


@dataclass(frozen=True)
class Tagging:
    """A call that sets tags, as a command line of AWS's says it.

    Attributes:
        service: botocore's name of it.
        operation: the client's method.
        params: but for the tags.
        member: the parameter of the tags.
        shape: botocore's of that parameter.
        tags: as the command line has them.
    """

    service: str
    operation: str
    params: dict[str, str]
    member: str
    shape: Shape
    tags: dict[str, str]

    def make(self, aws: StrictAws, tags: dict[str, str]) -> None:
        """Set tags, in the form that the operation takes."""
        pairs: Any = tags
        if self.shape.type_name == "list":
            key, value = self.shape.member.members
            pairs = [{key: name, value: text} for name, text in tags.items()]
        call = getattr(aws.client(self.service), self.operation)
        call(**self.params, **{self.member: pairs})


def tagging_of(hint: str) -> Tagging:
    """Return the call that a refusal's hint names; AWS's command line takes it as it is.

    Its own names of commands and options are botocore's, with hyphens; a map is written
    `a=1,b=2`, a list of structures `Key=a,Value=1 Key=b,Value=2` (AWS CLI user guide, "Shorthand
    syntax").
    """
    program, service, command, *words = shlex.split(hint.partition("its tags back: ")[2])
    model = SESSION.get_service_model(service)
    operation = {xform_name(name, "-"): name for name in model.operation_names}.get(command)
    assert program == "aws", hint
    assert operation, f"AWS has no command `aws {service} {command}`"
    shape = model.operation_model(operation).input_shape
    names = {f"--{xform_name(name, '-')}": name for name in shape.members}
    unknown = {word for word in words if word.startswith("--")} - names.keys()
    assert not unknown, f"`aws {service} {command}` has no {unknown}"
    options: dict[str, list[str]] = {}
    for word in words:
        options.setdefault(word, []) if word.startswith("--") else options[[*options][-1]].append(
            word
        )
    member = names["--tags"]
    tags = _parsed(shape.members[member], options.pop("--tags"))
    params = {names[option]: values[0] for option, values in options.items()}
    return Tagging(service, xform_name(operation), params, member, shape.members[member], tags)


def _parsed(shape: Shape, words: list[str]) -> dict[str, str]:
    parts = [dict(part.split("=", 1) for part in word.split(",")) for word in words]
    if shape.type_name == "map":
        assert len(parts) == 1, f"{words} is no map"
        return parts[0]
    members = [*shape.member.members]
    assert all([*part] == members for part in parts), f"{words} is no list of {members}"
    return dict(part.values() for part in parts)  # type: ignore[misc]


def of_another(resource: Resource) -> Resource:
    """Return the same resource as another project wants it."""
    tags = {**dict(resource.tags), TAG_PROJECT: "another"}  # type: ignore[attr-defined]
    return replace(resource, tags=tuple(sorted(tags.items())))  # type: ignore[type-var]


def refusal(resource: Resource, where: Context) -> MldeployError | None:
    """Return the MLD410 with which a resource is refused, or None."""
    where.reads.again()
    try:
        resource.observe(where.reads)
    except MldeployError as error:
        if error.code != "MLD410":
            raise
        return error
    return None


def retagged(resource: Resource, aws: StrictAws, where: Context) -> Iterator[str]:
    """Change one tag of the user's after the other, as the refusal's command does it."""
    error = refusal(of_another(resource), where) if getattr(resource, "tags", ()) else None
    if error is None:  # it has no tags, or isn't found without them
        return
    tagging = tagging_of(error.hint)
    for name, value in resource.tags:  # type: ignore[attr-defined]
        if not name.startswith("mldeploy:"):
            tagging.make(aws, {name: f"{value}x"})
            yield f"{tagging.service}:{tagging.operation} {name}"


def made_bare(writes: list[Call], aws: StrictAws) -> None:
    """Make a resource as others would: with what its service demands, and no tags."""
    call = next(call for call in writes if TAGS[0] in call.params or TAGS[1] in call.params)
    client = aws.client(call.service)
    shape = client._client.meta.service_model.operation_model(call.operation).input_shape
    plain = {name: value for name, value in call.params.items() if name not in TAGS}
    demanded = {name: plain[name] for name in shape.required_members}
    make: Callable[..., Any] = getattr(client, xform_name(call.operation))
    try:
        make(**demanded)
    except (ClientError, ParamValidationError):
        make(**{name: value for name, value in plain.items() if name != "Description"})


def makes_again(writes: list[Call], aws: StrictAws) -> None:
    """Repeat what made a resource with tags, with others; AWS may refuse that."""
    for call in writes:
        member = next((name for name in TAGS if name in call.params), None)
        if member is None or call.operation.startswith("Tag"):
            continue
        given = call.params[member]
        others: Any = (
            dict.fromkeys(given, "other")
            if isinstance(given, dict)
            else [{**pair, [*pair][1]: "other"} for pair in given]
        )
        with contextlib.suppress(ClientError):
            client = aws.client(call.service)
            getattr(client, xform_name(call.operation))(**{**call.params, member: others})


def without_tags(context: Context) -> Context:
    """Return a context to which AWS answers as if nobody had ever tagged anything."""
    context.clients.session.events.register_last("after-call", _blank)
    return context


def _blank(parsed: Any, **_: Any) -> None:
    for holder in _holders(parsed):
        for name in TAGS:
            if name in holder:
                holder[name] = type(holder[name])()


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    match value:
        case dict():
            yield value
            for one in value.values():
                yield from _holders(one)
        case list():
            for one in value:
                yield from _holders(one)
