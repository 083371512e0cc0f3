"""Connects a command to AWS, or to the embedded AWS of this machine."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from mldeploy.aws.clients import Clients
from mldeploy.config import Config
from mldeploy.deploy.outside import REAL, Outside
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit
from mldeploy.resources.base import Context, Trust
from mldeploy.text.digests import is_registry_digest

if TYPE_CHECKING:
    from mldeploy.images.builder import Builder


def connect(
    config: Config,
    emit: Emit,
    outside: Outside = REAL,
    *,
    starts: bool = False,
    digests: Iterable[str] = (),
) -> Context:
    """Identify the caller and return the context for resources; doesn't connect to Docker yet.

    The target selects the clients and the builder, and is used nowhere else.

    Args:
        config: sets the target.
        emit: receives events.
        outside: access to AWS, Docker, the network and the clock.
        starts: whether to start the embedded AWS if the target is local and it isn't running.
        digests: of images that the caller vouches for.

    Raises:
        MldeployError: MLD323 for an invalid digest; MLD401, MLD403 or MLD404 for credentials and
            region; MLD61x for the embedded AWS.
    """
    clients, builder = _target(config, emit, outside, starts=starts)
    return Context(
        clients,
        clients.account(),
        emit,
        builder,
        _trust(config, digests),
        call=outside.call,
        now=outside.now,
    )


def _target(
    config: Config, emit: Emit, outside: Outside, *, starts: bool
) -> tuple[Clients, "Builder"]:
    make = partial(Clients, emit=emit, sleep=outside.sleep, pool=outside.workers, pace=outside.pace)
    match config.target:
        case "aws":
            builder = outside.making(config.image.builder).builder
            return make(config.region, config.profile, session=outside.session), builder
        case "local":
            from mldeploy.embedded import cloud_of, embedded

            cloud = cloud_of(emit, outside.engine, starts=starts)
            builder = outside.making("docker").builder
            return embedded(cloud, builder, config.region, partial(make, session=outside.emulated))


def _trust(config: Config, digests: Iterable[str]) -> Trust:
    """Return what proves that an image is this stage's; local targets use no signatures."""
    for one in digests:
        if not is_registry_digest(one):
            raise MldeployError(
                "MLD323",
                f"{one!r} isn't an image digest",
                "pass --digest sha256:… with 64 hexadecimal digits, as `mldeploy push` prints it",
                exit_code=ExitCode.USAGE,
            )
    names = tuple(config.function_name(one.name) for one in config.functions)
    key = (config.sign.key or "") if config.target == "aws" else ""
    return Trust(names, frozenset(digests), key)
