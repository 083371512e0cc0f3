"""Builds a stand-in for AWS's Python base image if it can't be pulled.

`python -m tests.cloud.base_image --python 3.12` builds `public.ecr.aws/lambda/python:3.12` from
Debian packages, this machine's Python and Lambda's runtime client. It has the interface of AWS's
image, so an unmodified Dockerfile works with it, but its glibc is Debian's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cloud import engine
from tests.cloud.keeping import kept
from tests.cloud.rootfs import rootfs_key, write_rootfs
from tests.cloud.state import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

STAND_IN_LABEL = "mldeploy.stand-in"
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "TZ": ":/etc/localtime",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    # Debian's OpenSSL looks for hashed links that unpacked packages don't have.
    "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
}


def name_of(version: str) -> str:
    """Return the name of AWS's base image for a Python version such as `3.12`."""
    return f"public.ecr.aws/lambda/python:{version}"


def find(version: str, host: str = "") -> Any | None:
    """Return the image with that name, AWS's or stand-in, or None; `host` as in `engine.client`."""
    from docker.errors import ImageNotFound

    try:
        return engine.client(host).images.get(name_of(version))
    except ImageNotFound:
        return None


def is_stand_in(image: Any) -> bool:
    """Return whether an image is a stand-in."""
    return STAND_IN_LABEL in (image.labels or {})


def ensure(version: str) -> str:
    """Ensure that the image exists: AWS's if it can be pulled, else a stand-in.

    Raises:
        CloudError: neither is available; the message contains both reasons.
    """
    if find(version) is not None:
        return make(version)
    refusal = _pull(version)
    if refusal is None:
        return f"{name_of(version)} was pulled"
    try:
        return make(version)
    except CloudError as error:
        raise CloudError(
            f"{name_of(version)} can't be pulled ({refusal}), and no stand-in can be made ({error})"
        ) from error


def _pull(version: str) -> str | None:
    """Pull AWS's image; return the reason if that fails."""
    from docker.errors import APIError

    try:
        engine.client().images.pull(name_of(version))
    except APIError as error:
        return str(error.explanation or error).strip()
    return None


def make(version: str, *, fresh: bool = False) -> str:
    """Ensure that the image exists; return a sentence that describes it.

    Args:
        version: of Python, such as `3.12`.
        fresh: rebuild an existing stand-in.

    Raises:
        CloudError: no engine, or a part of the stand-in is unavailable.
    """
    engine.status()
    image = find(version)
    if image is not None and not is_stand_in(image):
        return f"{name_of(version)} is here: {_origin(image)}"
    if image is not None and not fresh:
        return f"{name_of(version)} is here: a stand-in"
    began = time.monotonic()
    key = f"{rootfs_key(version)}.tar"
    with kept(f"base-{version}", key, _written(version), fresh=fresh) as rootfs:
        _import(rootfs, version)
    made = find(version)
    megabytes = made.attrs["Size"] / 1e6 if made else 0
    seconds = time.monotonic() - began
    return f"{name_of(version)}: made a stand-in of {megabytes:.0f} MB in {seconds:.0f} s"


def _written(version: str) -> Callable[[Path], None]:
    def write(target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="mldeploy-base-") as scratch:
            write_rootfs(target, version, Path(scratch))

    return write


def copy(version: str, host: str) -> str:
    """Ensure that the engine at `host` has the image, too, from the environment's engine.

    Raises:
        CloudError: the environment's engine doesn't have it either.
    """
    name = name_of(version)
    if find(version, host) is not None:
        return f"{name} is at {host}"
    image = find(version)
    if image is None:
        raise CloudError(f"there is no {name} to copy")
    engine.client(host).images.load(image.save(named=name))
    return f"{name} was copied to {host}"


def _origin(image: Any) -> str:
    # An image that was pulled has a digest of its registry.
    digests = image.attrs.get("RepoDigests") or []
    return f"pulled, {digests[0].partition('@')[2]}" if digests else "not made by this tool"


def _package_index() -> dict[str, str]:
    """Return this machine's package index, if a build in a container can reach it."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    index = os.environ.get("PIP_INDEX_URL") or done.stdout.strip()
    # Not one with a login, because the variable is readable in every image based on this one.
    is_plain = index.startswith(("http://", "https://")) and "@" not in index
    return {"PIP_INDEX_URL": index} if is_plain else {}


def _import(rootfs: Path, version: str) -> None:
    environment = {**_ENVIRONMENT, **_package_index()}
    changes = [f"ENV {name}={value}" for name, value in environment.items()]
    changes += [
        "WORKDIR /var/task",
        'ENTRYPOINT ["/lambda-entrypoint.sh"]',
        f'LABEL {STAND_IN_LABEL}="not AWS\'s image: Debian packages and a local Python {version}"',
    ]
    repository, _, tag = name_of(version).partition(":")
    api = engine.client().api
    with rootfs.open("rb") as stream:
        # docker-py announces chunks; requests sends them only if it can't see a length.
        chunks = iter(lambda: stream.read(1 << 20), b"")
        api.import_image_from_stream(chunks, repository=repository, tag=tag, changes=changes)


def main() -> int:
    """Build the requested images."""
    parser = argparse.ArgumentParser(description="Make a stand-in for AWS's Python base image.")
    parser.add_argument("--python", action="append", help="version, may be repeated (3.12)")
    parser.add_argument("--fresh", action="store_true", help="make the stand-in anew")
    options = parser.parse_args()
    for version in options.python or ["3.12"]:
        try:
            print(make(version, fresh=True) if options.fresh else ensure(version), flush=True)
        except CloudError as error:
            print(f"base image {version}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
