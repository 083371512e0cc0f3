"""The only boto3 session: clients, cached reads, waits."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mldeploy.aws.codes import says_missing
from mldeploy.aws.credentials import check_credentials, session_of
from mldeploy.aws.emulated import Emulator, emulated_session
from mldeploy.aws.errors import error_code, translate
from mldeploy.aws.observation import Observation, Seen
from mldeploy.aws.rates import Pace
from mldeploy.aws.retries import Retries
from mldeploy.aws.settings import client_settings
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Emit
from mldeploy.facts.quotas import TIMEOUT

Sleep = Callable[[float], None]
Pool = Callable[[int], Executor]


@dataclass(frozen=True)
class Account:
    """The account and region of resources. `partition` is "aws", "aws-cn" or "aws-us-gov"."""

    id: str
    region: str
    partition: str = "aws"
    caller: str = ""

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return an ARN in this account; `region=""` for global services."""
        where = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{where}:{self.id}:{resource}"


class Clients:
    """boto3's clients of an account and region, created when first used, from any thread.

    Reads that several resources share use the `observation`, which caches each distinct call until
    one of our changes invalidates it.

    Args:
        region: "" for the environment's or the profile's.
        profile: None for the environment's.
        sleep: pauses for a number of seconds.
        emit: receives notes on repeated retries.
        emulator: used instead of AWS; it has no rate limits.
        session: returns the session for a region and a profile, or a region and an emulator's keys.
        pool: returns a pool with a number of threads.
        pace: returns the throttle of calls, given `sleep`; None for no throttle.
    """

    def __init__(  # noqa: PLR0913 - what tests and emulators give in place of AWS's own
        self,
        region: str,
        profile: str | None = None,
        sleep: Sleep = time.sleep,
        emit: Emit | None = None,
        emulator: Emulator | None = None,
        *,
        session: Callable[..., Any] | None = None,
        pool: Pool = ThreadPoolExecutor,
        pace: Callable[[Sleep], Pace | None] = Pace,
    ) -> None:
        self._emulator = emulator
        self._region = region
        self._profile = profile
        self._session_of: Callable[..., Any] = session or (
            emulated_session if emulator else session_of
        )
        self._pool = pool
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, bool, float], Any] = {}
        self.observation = Observation(self._ask, self.workers)
        self.sleep = sleep
        self._interrupted = threading.Event()
        self._retries = Retries(emit, self._interrupted)
        # AWS_ENDPOINT_URL may also be an address of AWS, such as a VPC endpoint.
        self.pace = None if emulator else pace(self._pause)

    @cached_property
    def session(self) -> Any:
        """The boto3 session.

        Raises:
            MldeployError: MLD401 for an unknown profile, MLD404 without a region.
        """
        try:
            if self._emulator:
                return self._session_of(self._region, self._emulator.keys)
            session = self._session_of(self._region, self._profile or "")
        except Exception as error:
            raise translate(error) from error
        if not session.region_name:
            raise MldeployError(
                "MLD404",
                "no AWS region: neither mldeploy.toml nor the environment names one",
                'set region = "…" under [project], or pass --region, or set AWS_REGION',
                exit_code=ExitCode.USAGE,
            )
        return session

    @property
    def region(self) -> str:
        """The region of calls."""
        return str(self.session.region_name)

    def client(self, service: str, *, retries: bool = True, seconds: float = 60.0) -> Any:
        """Return a service's client, created once per settings.

        Raises:
            MldeployError: MLD401 or MLD403 if there are no usable credentials.
        """
        key = (service, retries, seconds)
        with self._lock:
            if key not in self._clients:
                if not self._clients:
                    check_credentials(self.session)
                direct = self._emulator is not None
                config = client_settings(retries=retries, seconds=seconds, direct=direct)
                url = self._emulator.endpoint if self._emulator else None
                client = self.session.client(service, config=config, endpoint_url=url)
                self._retries.watch(client)
                self.observation.watch(client, service)
                if self.pace:
                    self.pace.watch(client, service)
                self._clients[key] = client
            return self._clients[key]

    @property
    def ecr(self) -> Any:
        """Elastic Container Registry."""
        return self.client("ecr")

    @property
    def iam(self) -> Any:
        """Identity and Access Management."""
        return self.client("iam")

    @property
    def logs(self) -> Any:
        """CloudWatch Logs."""
        return self.client("logs")

    @property
    def functions(self) -> Any:
        """Lambda (`lambda` is a Python keyword)."""
        return self.client("lambda")

    @property
    def invoked(self) -> Any:
        """Lambda, for Invoke, with a longer timeout."""
        return self.client("lambda", seconds=TIMEOUT[1] + 10.0)

    @property
    def events(self) -> Any:
        """EventBridge."""
        return self.client("events")

    @property
    def gateway(self) -> Any:
        """API Gateway's HTTP APIs."""
        return self.client("apigatewayv2")

    def _ask(self, service: str, operation: str, parameters: dict[str, Any]) -> Seen:
        client = self.client(service)
        try:
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**parameters)
                return dict(pages.build_full_result())
            return dict(getattr(client, operation)(**parameters))
        except Exception as error:
            if is_missing(error):
                return None
            raise

    def account(self) -> Account:
        """The caller's account.

        Raises:
            MldeployError: MLD401 without credentials, MLD403 if they are expired or invalid.
        """
        try:
            answer = self.client("sts").get_caller_identity()
        except Exception as error:
            raise translate(error) from error
        arn = str(answer["Arn"])
        return Account(str(answer["Account"]), self.region, arn.split(":")[1], arn)

    def signed_headers(
        self, service: str, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the headers of a request signed with our credentials (Signature Version 4)."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, url, data=body, headers=headers)
        SigV4Auth(self.session.get_credentials(), service, self.region).add_auth(request)
        return dict(request.headers)

    @contextmanager
    def workers(self, count: int) -> Iterator[Executor]:
        """Return a pool whose threads stop waiting when it is interrupted."""
        with self._pool(count) as pool:
            try:
                yield pool
            except KeyboardInterrupt:
                self._interrupted.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def polls(self, seconds: float, every: float = 1.0) -> Iterator[float]:
        """Yield the seconds waited so far, pausing in between, until `seconds` are over."""
        started = time.monotonic()
        waited = 0.0
        yield 0.0
        while waited < seconds:
            # Jitter keeps two deploys from polling in step.
            pause = every * random.uniform(0.8, 1.2)  # noqa: S311 - nothing secret about a pause
            self._pause(pause)
            waited = max(time.monotonic() - started, waited + pause)
            yield waited

    def _pause(self, seconds: float) -> None:
        """Pause a thread, or raise if the program was interrupted."""
        self.sleep(seconds)
        if self._interrupted.is_set():
            raise KeyboardInterrupt


def is_missing(error: BaseException) -> bool:
    """Return whether AWS reports that the resource doesn't exist."""
    return says_missing(error_code(error))


@contextmanager
def missing_is_fine() -> Iterator[None]:
    """Ignore AWS's "not found", and nothing else, so that a delete can be repeated."""
    try:
        yield
    except Exception as error:
        if not is_missing(error):
            raise
