"""Content gives the name."""

import os
from pathlib import Path

from mldeploy.text.digests import digest_of, digest_of_file, fingerprint


def test_a_file_has_the_digest_of_its_bytes_whenever_it_was_written(tmp_path: Path) -> None:
    """Times and names of files don't count."""
    path = tmp_path / "a"
    path.write_bytes(b"content")
    os.utime(path, (1, 1))
    assert digest_of_file(path) == digest_of(b"content")


def test_order_does_not_matter_and_every_part_does() -> None:
    """Equal files and settings in any order: one name; anything else: another."""
    name = fingerprint({"a": "1", "b": "2"}, base="x", platform="y")
    assert name == fingerprint({"b": "2", "a": "1"}, platform="y", base="x")
    others = [
        fingerprint({"a": "1", "b": "3"}, base="x", platform="y"),
        fingerprint({"a": "1", "c": "2"}, base="x", platform="y"),
        fingerprint({"a": "1"}, base="x", platform="y"),
        fingerprint({"a": "1", "b": "2"}, base="z", platform="y"),
        fingerprint({"a": "1", "b": "2"}, base="y", platform="x"),
    ]
    assert len({name, *others}) == 1 + len(others)
    assert len(name) == 32
