"""The build context of an image: a reproducible tar."""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import IO, Any, cast

from mldeploy.config.certificates import certificates_of
from mldeploy.config.requirement import bare, hashes_of
from mldeploy.errors import MldeployError, disk_full
from mldeploy.images.layout import PIP, REQUIREMENTS, included
from mldeploy.images.spec import Content, ImageSpec
from mldeploy.text.addresses import unprotected_host
from mldeploy.text.digests import digest_of, fingerprint


class _Hashing:
    """A stream that hashes the data read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read from the stream."""
        content = self._stream.read(size)
        self._sha256.update(content)
        return content

    @property
    def digest(self) -> str:
        """The digest of the data read so far."""
        return self._sha256.hexdigest()


def context_archive(spec: ImageSpec) -> IO[bytes]:
    """Return the build context as a tar, identical for equal content.

    It is a temporary file, because a model may be larger than memory.

    Raises:
        MldeployError: MLD312 if a file has changed since the fingerprint was computed, because tags
            in
            ECR are immutable; MLD620 if the disk is full.
    """
    try:
        return _archive(spec)
    except OSError as error:  # or a file is gone, or has become shorter
        raise disk_full(error) or changed() from error


def _archive(spec: ImageSpec) -> IO[bytes]:
    with ExitStack() as stack:
        archive = stack.enter_context(tempfile.TemporaryFile())
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
            added = {name: _add(tar, name, content) for name, content in _with_pip(spec)}
        require_unchanged(spec, added)
        archive.seek(0)
        stack.pop_all()
        return archive


def _add(tar: tarfile.TarFile, name: str, content: Content) -> str:
    """Add a file to a tar and return its digest."""
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    if isinstance(content, bytes):
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        return digest_of(content)
    with content.open("rb") as file:
        info.size = os.fstat(file.fileno()).st_size
        stream = _Hashing(file)
        tar.addfile(info, cast("IO[bytes]", stream))
    return stream.digest


def require_unchanged(spec: ImageSpec, found: Mapping[str, str]) -> None:
    """Check that the files match the image's fingerprint.

    Args:
        spec: the recipe.
        found: digests of the files read, by path; may contain more.

    Raises:
        MldeployError: MLD312.
    """
    hashes = {name: found[name] for name, _ in spec.files}
    if fingerprint(hashes, base=spec.base, platform=spec.platform) != spec.fingerprint:
        raise changed()


def changed() -> MldeployError:
    """Return the error for a file that has changed since the fingerprint was computed."""
    return MldeployError(
        "MLD312",
        "a file for the image changed while it was being read",
        "run the command again when no program writes to the project",
    )


def _with_pip(spec: ImageSpec) -> list[tuple[str, Content]]:
    """Add pip's index and CA to the context, for the discarded stage only.

    `include/` and `pip/` always exist, because a Dockerfile can't copy optional files.
    """
    added: dict[str, Any] = {included(".keep"): b"", f"{PIP}/pip.conf": _pip_conf(spec).encode()}
    if spec.ca_bundle:
        added[f"{PIP}/ca.pem"] = certificates_of(spec.ca_bundle)
    return sorted({**dict(spec.files), **added}.items(), key=lambda item: item[0])


def _pip_conf(spec: ImageSpec) -> str:
    """Return pip's settings; `insecure_index` was checked before an http index is trusted."""
    if not spec.index_url:
        return ""
    host = unprotected_host(spec.index_url)
    trusted = f"trusted-host = {host}\n" if host else ""
    return f"[global]\nindex-url = {spec.index_url}\n{trusted}"


def require_hashes(spec: ImageSpec) -> None:
    """Refuse requirements without hashes, because an index could return other wheels.

    Raises:
        MldeployError: MLD327.
    """
    text = dict(spec.files).get(REQUIREMENTS, b"")
    lines = text.decode().splitlines() if isinstance(text, bytes) else []
    missing = [bare(line) for line in lines if line and not hashes_of(line)]
    if missing:
        raise MldeployError(
            "MLD327",
            f"the model bundle has no hash for {missing[0]}"
            + (f" and {len(missing) - 1} more requirements" if missing[1:] else "")
            + f" for {spec.platform}, so an index could replace the wheel",
            "run `mldeploy train` (or `import`) again with access to the package index; it "
            "records the hashes for the architectures of all stages in mldeploy.toml",
        )
