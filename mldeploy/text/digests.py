"""Hashes that identify content."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

_LENGTH = 32
"""Hexadecimal digits of a fingerprint: 128 bits, and short enough to read out."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAMED = "sha256:"


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of_content(content: bytes | Path) -> str:
    """Return the SHA-256 of bytes, or of a file."""
    return digest_of(content) if isinstance(content, bytes) else digest_of_file(content)


def is_sha256(text: str) -> bool:
    """Return whether a text is a SHA-256 as we write it."""
    return _SHA256.fullmatch(text) is not None


def registry_digest(content: bytes) -> str:
    """Return what a registry names bytes by (OCI image specification, "Digests")."""
    return _NAMED + digest_of(content)


def is_registry_digest(text: str) -> bool:
    """Return whether a text names something in a registry by its SHA-256."""
    return text.startswith(_NAMED) and is_sha256(text.removeprefix(_NAMED))


def fingerprint(files: Mapping[str, str], **settings: str) -> str:
    """Return the fingerprint of files (path → digest) and settings."""
    content = json.dumps([sorted(files.items()), sorted(settings.items())])
    return digest_of(content.encode())[:_LENGTH]
