"""Translates Docker's errors, with advice for common ones."""

import os
import re
from collections.abc import Iterable

from mldeploy.errors import MldeployError
from mldeploy.images.advice import advice_on
from mldeploy.images.spec import ImageSpec
from mldeploy.text.redact import redact

_NO_CLASSIC = re.compile(
    r"(?i)page not found|(classic|legacy) (image )?builder|builder version|"
    r"(invalid|unsupported|unknown) (build(er)? )?version|not implemented"
)
"""How engines may refuse `/build` with version=1, the default
(docs.docker.com/reference/api/engine, "Build an image"; the engine calls it deprecated)."""
_START = "start Docker (or `colima start`, or `dockerd`), or point DOCKER_HOST at an engine"
_ENGINE_FULL = "free disk space of the engine; `docker system df` shows what uses it"
_ENGINE_ADVICE = (
    (r"(?i)no space left", _ENGINE_FULL),
    # Podman requests more open files and processes than it may have itself.
    (
        r"error setting rlimit",
        (
            "lower Podman's limits, in containers.conf: "
            'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]'
        ),
    ),
)
_ENGINE_LOG = "check the engine's log, restart the engine, and run the command again"

_BROKEN = re.compile(
    r"reset by peer|[Bb]roken pipe|Remote end closed|Connection broken|IncompleteRead|"
    r"ended prematurely"
)
"""Messages of requests and urllib3 for an interrupted connection."""
_OTHER_WHEEL = re.compile(r"DO NOT MATCH THE HASHES")
_OTHER_WHEEL_OF = re.compile(r"^\s+([\w.\[\],-]+==\S+) .*:$\s+Expected sha256 ", re.MULTILINE)
"""pip's message (its exceptions.py, `HashMismatch`)."""

# (pattern in the log, advice)
_BUILD_ADVICE = (
    # An expired login is worse than none: https://docs.aws.amazon.com/AmazonECR/latest/public/
    # public-troubleshooting.html, "Authentication issues".
    (
        r"(?i)authorization token has expired|public\.ecr\.aws/\S*: 403 Forbidden",
        "run `docker logout {registry}`: Docker's login for the base image's registry has expired",
    ),
    (
        r"requires BuildKit",
        "remove BuildKit's features (such as RUN --mount) from your Dockerfile",
    ),
    (
        r"does not match the specified platform",
        (
            "pull the base image for the right architecture, set another one as [image] base, or "
            "change [project] architecture"
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "set [image] ca_bundle to the CA certificates of your network: pip doesn't trust the index",
    ),
    (
        r"(?i)no space left on device",
        _ENGINE_FULL,
    ),
    (
        (
            r"(?i)manifest (unknown|for \S+ not found)|pull access denied|failed to resolve|"
            r"repository does not exist"
        ),
        "check [image] base and the network: the base image can't be pulled",
    ),
    (
        (
            r"(?i)temporary failure in name resolution|connection refused|timed out|"
            r"Failed to establish a new connection"
        ),
        "check proxies, or set [image] index_url: the build can't reach the network",
    ),
    (
        r"pruning broke the import of",
        "set [image] prune = false to keep all files of your requirements",
    ),
    # Last, because pip also ends with this sentence if it couldn't reach its index.
    (
        r"No matching distribution found for (?P<what>\S+)",
        "train with another version: {what} has no wheel for the image's platform",
    ),
)
_PUSH_ADVICE = (
    (r"(?i)no space left on device", _ENGINE_FULL),
    (
        r"(?i)no basic auth credentials|unauthorized|authorization token",
        "log in to the registry again: it refused the login",
    ),
    (
        r"(?i)denied",
        "get the permissions that `mldeploy iam policy` prints: pushing isn't permitted",
    ),
    (
        r"(?i)immutable|already exists",
        "run the command again: another deploy pushed this tag meanwhile",
    ),
    (
        r"(?i)reset by peer|broken pipe|EOF|timeout|closed network connection",
        "run the command again: the connection broke",
    ),
)


def engine_error(error: Exception, said: str = "") -> MldeployError:
    """Translate an error of the SDK or of its HTTP client.

    Args:
        error: that was raised.
        said: the engine's message, if it responded.
    """
    text = " ".join(str(error).split())
    host = redact(os.environ.get("DOCKER_HOST", ""))
    if said:
        message = f"the Docker engine says: {_short(said)}"
        advice = advice_on(_ENGINE_ADVICE, said) or _ENGINE_LOG
    elif "PermissionError" in text or "Permission denied" in text:
        message = "this user may not use the Docker engine"
        advice = "join the group `docker` (and log in again), or use a rootless engine"
    elif "timed out" in text.lower():
        message, advice = "the Docker engine doesn't answer any more", _ENGINE_LOG
    elif _BROKEN.search(text):
        message, advice = "the connection to the Docker engine broke", _ENGINE_LOG
    elif host:
        message = f"no Docker engine answers at DOCKER_HOST={host}"
        advice = "fix or unset DOCKER_HOST, or start the engine"
    else:
        message, advice = "no Docker engine answers", _START
    return MldeployError("MLD301", message, advice)


def _short(text: str) -> str:
    return redact(" ".join(text.split()))[:500]


def build_error(spec: ImageSpec, error: str, lines: Iterable[str] = ()) -> MldeployError:
    """Return the error for a failed build, with the end of its log."""
    log = redact("\n".join([*lines, error]))
    if _OTHER_WHEEL.search(log):
        return _other_wheel(log)
    return MldeployError(
        "MLD302",
        f"building the image failed: {redact(error)}",
        advice_on(_BUILD_ADVICE, log, registry=_registry_of(spec.base))
        or f"see the log above; the base image is {spec.base}",
        details=tuple(("log", line) for line in log.splitlines()[-15:]),
    )


def _other_wheel(log: str) -> MldeployError:
    """Return the error for an index with other wheels than at training time, or None."""
    which = _OTHER_WHEEL_OF.search(log)
    return MldeployError(
        "MLD328",
        f"the package index returned another wheel{f' of {which[1]}' if which else ''} than the "
        "one "
        "that `mldeploy train` recorded",
        "ask the index's owner whether the wheel was replaced; if that was intended, or if "
        "`train` and `build` use different indexes, set [image] index_url and train again",
        details=tuple(("log", line) for line in log.splitlines()[-15:]),
    )


def _registry_of(image: str) -> str:
    """Return the registry in an image's name by Docker's rules: without a dot it is Docker Hub."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first) else ""


def refused_build(spec: ImageSpec, said: str) -> MldeployError:
    """Return the error for a build that the engine refused to start."""
    if not _NO_CLASSIC.search(said):
        return build_error(spec, said)
    return MldeployError(
        "MLD317",
        f"this Docker engine doesn't have the classic builder, which mldeploy uses: {_short(said)}",
        "set DOCKER_HOST to an engine that has it: Docker up to 29, or Podman's socket "
        "(`podman system service`)",
    )


def context_error(name: str, what: str, *, named: bool) -> MldeployError:
    """Return the error for an unusable Docker context; `named`: set by DOCKER_CONTEXT."""
    if named:
        where, advice = (
            "DOCKER_CONTEXT",
            "fix or unset it; list the contexts with `docker context ls`",
        )
    else:
        where = "Docker's settings"
        advice = "list the contexts with `docker context ls`, or run `docker context use default`"
    return MldeployError("MLD316", f"{where}: the Docker context {name} {what}", advice)


def push_error(reference: str, error: str) -> MldeployError:
    """Return the error from a push's stream."""
    return MldeployError(
        "MLD306",
        f"pushing {reference} failed: {redact(error)}",
        advice_on(_PUSH_ADVICE, error) or "run the command again",
    )
