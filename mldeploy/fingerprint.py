"""Naming things by their content."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

_LENGTH = 32
"""Hexadecimal digits of a fingerprint: 128 bits, and short enough to read out."""


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fingerprint(files: Mapping[str, str], **settings: str) -> str:
    """Return the fingerprint of files (path → digest) and settings."""
    content = json.dumps([sorted(files.items()), sorted(settings.items())])
    return digest_of(content.encode())[:_LENGTH]
