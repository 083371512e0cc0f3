"""Settings of UpdateFunctionConfiguration: reading and writing them."""

from collections.abc import Iterator
from typing import Any

SETTINGS = (
    *("role", "memory", "timeout", "ephemeral_storage", "environment", "command", "log_group"),
    *("overridden", "log_format", "vpc", "dead_letter", "tracing", "mounts", "snap_start"),
)
"""Names of Function's fields. Every function sets the first seven."""
_ALWAYS = 7
_CHOSEN = ("vpc", "dead_letter", "tracing")
"""Optional settings of the file."""
Settings = tuple[Any, ...]
"""The values of SETTINGS, in their order."""


def read_settings(found: dict[str, Any]) -> dict[str, Any]:
    """Return the settings in Lambda's FunctionConfiguration, by name."""
    image = dict(found.get("ImageConfigResponse", {}).get("ImageConfig", {}))
    logging = found.get("LoggingConfig", {})
    vpc = found.get("VpcConfig") or {}
    mounts = found.get("FileSystemConfigs") or []
    return {
        "role": found["Role"],
        "memory": found["MemorySize"],
        "timeout": found["Timeout"],
        "ephemeral_storage": found.get("EphemeralStorage", {}).get("Size", 512),
        "environment": tuple(sorted(found.get("Environment", {}).get("Variables", {}).items())),
        "command": tuple(image.get("Command", [])),
        "log_group": logging.get("LogGroup", f"/aws/lambda/{found['FunctionName']}"),
        "overridden": _overridden(image),
        "log_format": logging.get("LogFormat", "Text"),
        "vpc": tuple(sorted([*vpc.get("SubnetIds", []), *vpc.get("SecurityGroupIds", [])])),
        "dead_letter": (found.get("DeadLetterConfig") or {}).get("TargetArn") or "",
        "tracing": (found.get("TracingConfig") or {}).get("Mode") == "Active",
        "mounts": tuple(sorted(f"{one['Arn']} at {one['LocalMountPath']}" for one in mounts)),
        "snap_start": (found.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions",
    }


def _overridden(image: dict[str, Any]) -> tuple[str, ...]:
    """Return an overridden entry point and working directory; mldeploy's functions have neither.

    ImageConfig is replaced as a whole (botocore lambda: ImageConfig), so an update resets both.
    """
    folder = image.get("WorkingDirectory")
    return (*image.get("EntryPoint", []), *([f"in {folder}"] if folder else []))


def settings_of(one: Any) -> Settings:
    """Return a function's settings."""
    return tuple(getattr(one, name) for name in SETTINGS)


def decided(one: Any) -> Settings:
    """Return the settings in a release's id; optional ones that aren't set are left out."""
    chosen = tuple(getattr(one, name) for name in _CHOSEN)
    return (*settings_of(one)[:_ALWAYS], *([chosen] if any(chosen) else []))


def configuration_of(after: Any, before: Any) -> dict[str, Any]:
    """Return the parameters of CreateFunction and UpdateFunctionConfiguration.

    Settings outside of the image are passed only if they differ: omitted ones are kept (API
    reference of UpdateFunctionConfiguration), and passing `VpcConfig` requires EC2 permissions
    (Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC").

    Args:
        after: the desired function.
        before: the observed function; without these settings if it doesn't exist.
    """
    return {
        "Role": after.role,
        "MemorySize": after.memory,
        "Timeout": after.timeout,
        "EphemeralStorage": {"Size": after.ephemeral_storage},
        "Environment": {"Variables": dict(after.environment)},
        "ImageConfig": {"Command": list(after.command)},
        "LoggingConfig": {"LogFormat": after.log_format, "LogGroup": after.log_group},
        **dict(_surroundings(before, after)),
    }


def _surroundings(before: Any, after: Any) -> Iterator[tuple[str, Any]]:
    """Yield the differences; an empty value removes a setting (botocore's lambda model)."""
    if before.vpc != after.vpc:
        yield (
            "VpcConfig",
            {
                "SubnetIds": [one for one in after.vpc if one.startswith("subnet-")],
                "SecurityGroupIds": [one for one in after.vpc if one.startswith("sg-")],
            },
        )
    if before.dead_letter != after.dead_letter:
        yield "DeadLetterConfig", {"TargetArn": after.dead_letter}
    if before.tracing != after.tracing:
        yield "TracingConfig", {"Mode": "Active" if after.tracing else "PassThrough"}
    if before.mounts:
        yield "FileSystemConfigs", []
    if before.snap_start:
        yield "SnapStart", {"ApplyOn": "None"}
