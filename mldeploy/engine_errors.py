"""Docker's errors in a user's words, with advice for the common ones."""

import json
import re

from mldeploy.errors import MldeployError
from mldeploy.image import ImageSpec
from mldeploy.redact import redact

_NO_MODULE = re.compile(r"No module named '(?P<module>[\w.]+)'")
_START = "start Docker (or `colima start`, or `dockerd`), or point DOCKER_HOST at an engine"

# (what the log says, what to do about it)
_BUILD_ADVICE = (
    (
        r"No matching distribution found for (?P<what>\S+)",
        "{what} has no wheel for the image's platform: train with a version that has one",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "pip doesn't trust the index: name your network's CA in [image] ca_bundle",
    ),
    (
        r"(?i)no space left on device",
        "the engine's disk is full: `docker system df` shows by what",
    ),
    (
        (
            r"(?i)manifest (unknown|for \S+ not found)|pull access denied|failed to resolve|"
            r"repository does not exist"
        ),
        "the base image can't be had: check [image] base and the network",
    ),
    (
        (
            r"(?i)temporary failure in name resolution|connection refused|timed out|"
            r"Failed to establish a new connection"
        ),
        "the network can't be reached from the build: check proxies, or set [image] index_url",
    ),
)
_PUSH_ADVICE = (
    (r"(?i)no basic auth credentials|unauthorized|authorization token", "the login was refused"),
    (r"(?i)denied", "pushing isn't permitted: see `mldeploy iam policy`"),
    (r"(?i)immutable|already exists", "the tag exists with another content; run the command again"),
    (r"(?i)reset by peer|broken pipe|EOF|timeout", "the connection broke; run the command again"),
)


def engine_error(error: Exception) -> MldeployError:
    """Translate an error of the SDK or of its HTTP client."""
    text = " ".join(str(error).split())
    if "PermissionError" in text or "Permission denied" in text:
        return MldeployError(
            "MLD301",
            "the Docker engine is there, but this user may not use it",
            "join the group `docker` (and log in again), or use a rootless engine",
        )
    if re.search(r"FileNotFoundError|Connection refused|Error while fetching server|aborted", text):
        return MldeployError("MLD301", "no Docker engine answers", _START)
    return MldeployError("MLD301", f"the Docker engine failed: {redact(text)[:500]}", _START)


def _advice(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    for pattern, advice in patterns:
        found = re.search(pattern, text)
        if found:
            return advice.format(**found.groupdict())
    return ""


def build_error(spec: ImageSpec, error: str, lines: list[str]) -> MldeployError:
    """Return the error of a failed build, with the end of its log."""
    log = redact("\n".join([*lines, error]))
    return MldeployError(
        "MLD302",
        f"building the image failed: {redact(error)}",
        _advice(_BUILD_ADVICE, log) or f"the base image is {spec.base}; the log above says more",
        details=tuple(("log", line) for line in log.splitlines()[-15:]),
    )


def push_error(reference: str, error: str) -> MldeployError:
    """Return the error that a push's stream carried."""
    return MldeployError(
        "MLD306",
        f"pushing {reference} failed: {redact(error)}",
        _advice(_PUSH_ADVICE, error) or "run the command again",
    )


def check_error(code: int, output: str) -> MldeployError:
    """Return the error of an image that didn't answer its golden examples."""
    lines = [line for line in output.splitlines() if line.strip()]
    problems = _problems(lines)
    missing = _NO_MODULE.search(output)
    hint = "the image doesn't do what the model did: run `mldeploy train`, then build again"
    if missing:
        module = missing["module"]
        hint = (
            f'[image] include = ["{module.split(".")[0]}.py"] if it is yours, '
            f'or requirements = ["{module}"] if it is a package'
        )
    elif "Read-only file system" in output or "Permission denied" in output:
        hint = "Lambda's file system is read-only but for /tmp: write there"
    return MldeployError(
        "MLD305",
        f"the image failed its check (exit {code}): {problems[0] if problems else 'no answer'}",
        hint,
        details=tuple(("container", line) for line in (problems[1:] or lines)[-15:]),
    )


def _problems(lines: list[str]) -> list[str]:
    try:
        return [str(one) for one in json.loads(lines[-1])["problems"]]
    except (IndexError, KeyError, TypeError, ValueError):
        return lines[-1:]
