"""Pushes an image for one platform."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mldeploy.events import Emit, Progress
from mldeploy.images.builder import ImageRef, RepositoryTarget
from mldeploy.images.docker.errors import push_error

_PLATFORM_SINCE = "1.46"
"""The API version that supports `platform` for a push
(docs.docker.com/reference/api/engine/version-history, "v1.46")."""
_DIGEST = re.compile(r"digest: (sha256:[0-9a-f]{64})\b")
"""From the line `TAG: digest: sha256:… size: N`, the only one with a containerd store."""


def login_of(repository: RepositoryTarget) -> dict[str, str]:
    """Return a login in docker-py's form."""
    return {"username": repository.username, "password": repository.password}


def start_push(
    api: Any, repository: RepositoryTarget, tag: str, architecture: str
) -> Iterator[dict[str, Any]]:
    """Start a push for one platform; return the engine's events."""
    with _for_platform(api, architecture):
        events: Iterator[dict[str, Any]] = api.push(
            repository.uri, tag, stream=True, decode=True, auth_config=login_of(repository)
        )
    return events


@contextmanager
def _for_platform(api: Any, architecture: str) -> Iterator[None]:
    """Add the platform to a push if the engine supports it; otherwise an index may be pushed.

    docker-py's `push` doesn't support it, but its client is a session of requests, whose `params`
    are sent with every request.
    """
    from docker.utils import version_lt

    if version_lt(api.api_version, _PLATFORM_SINCE):
        yield
        return
    before = api.params
    platform = {"os": "linux", "architecture": architecture}
    api.params = {**before, "platform": json.dumps(platform)}
    try:
        yield
    finally:
        api.params = before


def followed(events: Iterator[dict[str, Any]], reference: str, emit: Emit) -> ImageRef:
    """Follow a push to its end.

    Returns:
        The engine's report, which is a hint: it may contain no digest.

    Raises:
        MldeployError: MLD306 for an error in the stream, which the SDK doesn't raise.
    """
    digest = ""
    sent: dict[str, int] = {}
    reused: set[str] = set()
    for event in events:
        if "error" in event:
            raise push_error(reference, str(event["error"]))
        layer, status = event.get("id", ""), str(event.get("status", ""))
        if status == "Pushing":
            detail = event.get("progressDetail", {})
            sent[layer] = max(sent.get(layer, 0), int(detail.get("current", 0)))
            emit(Progress("push", f"layer {layer}", sum(sent.values())))
        elif status == "Pushed":
            sent.setdefault(layer, 0)
        elif status.startswith(("Layer already exists", "Mounted from")):
            reused.add(layer)
        elif found := _DIGEST.search(status):
            digest = found[1]
        digest = (event.get("aux") or {}).get("Digest", digest)
    return ImageRef(digest, sum(sent.values()), len(sent), len(reused))
