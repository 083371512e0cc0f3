"""The clock, network, Docker and AWS that commands use.

The functions import lazily, because every command loads this module.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from mldeploy.http.call import Answer, call

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mldeploy.aws.rates import Pace
    from mldeploy.aws.signatures import KeyPair
    from mldeploy.images.making import Making


def _making(builder: str) -> "Making":
    from mldeploy.images.making import making

    return making(builder)


def _engine() -> Any:
    from mldeploy.images.docker.connection import connect

    return connect()


def _session(region: str, profile: str) -> Any:
    from mldeploy.aws.credentials import session_of

    return session_of(region, profile)


def _emulated(region: str, keys: "KeyPair") -> Any:
    from mldeploy.aws.emulated import emulated_session

    return emulated_session(region, keys)


def _workers(count: int) -> "Executor":
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count)


def _pace(sleep: Callable[[float], None]) -> "Pace":
    from mldeploy.aws.rates import Pace

    return Pace(sleep)


def _browse(address: str) -> bool:
    import webbrowser

    return webbrowser.open(address)


@dataclass(frozen=True)
class Outside:
    """The clock, the network, Docker and AWS, as functions.

    `cli.app.run` takes an instance, and `connect` passes its parts on.

    Attributes:
        now: returns the time, in UTC.
        sleep: pauses for a number of seconds.
        call: sends an HTTP request; see `mldeploy.http.call.call`.
        making: returns the builder and runner of images, by `[image] builder`; not connected yet.
        engine: connects to the Docker engine; see `mldeploy.images.docker.connection.connect`.
        session: returns the boto3 session for a region and a profile.
        emulated: returns the boto3 session for a region and an emulator's keys.
        workers: returns a pool with a number of threads.
        pace: returns the throttle of AWS calls, given `sleep`; None for no throttle.
        browse: shows an address in the user's browser, and returns whether there is one.
    """

    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    sleep: Callable[[float], None] = time.sleep
    call: Callable[..., Answer] = call
    making: Callable[[str], "Making"] = _making
    engine: Callable[[], Any] = _engine
    session: Callable[[str, str], Any] = _session
    emulated: Callable[[str, "KeyPair"], Any] = _emulated
    workers: Callable[[int], "Executor"] = _workers
    pace: Callable[[Callable[[float], None]], "Pace | None"] = _pace
    browse: Callable[[str], bool] = _browse


REAL = Outside()
"""The default; tests pass another one."""
