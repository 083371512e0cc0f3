"""The logins stored by `docker login`, for calls of registries without an engine."""


def login_for(image: str) -> tuple[str, str]:
    """Return user and password for an image's registry, or ("", "") without a login.

    docker-py reads Docker's settings and calls credential helpers
    (https://docs.docker.com/reference/cli/docker/login/, "Credential stores").
    """
    from docker.auth import load_config, resolve_repository_name
    from docker.errors import DockerException

    try:
        registry, _ = resolve_repository_name(image.partition("@")[0])
        found = load_config().resolve_authconfig(registry) or {}
    except (DockerException, OSError, ValueError):
        return "", ""  # the registry then responds whether it requires one
    return str(found.get("Username") or found.get("username") or ""), str(
        found.get("Password") or found.get("password") or ""
    )
