"""The last gate before anything is printed."""

import pytest

from mldeploy.text.redact import redact


def test_a_password_in_an_address_is_blanked() -> None:
    """An index address keeps its host and loses its login."""
    assert redact("https://bob:hunter2@pypi.example/simple") == "https://***@pypi.example/simple"
    assert redact("https://token-0123@pypi.example/simple") == "https://***@pypi.example/simple"


def test_aws_secret_keys_are_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret key never gets into a line, wherever it came from."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret-key")
    assert redact("failed with canary-secret-key in it") == "failed with *** in it"


def test_a_word_of_any_length_is_read_once() -> None:
    """A megabyte without a space: read from each of its letters it would take hours."""
    text = "x" * 1_000_000
    assert redact(text) == text
    assert redact(f"{text}://me:pass@host/{text}") == f"{text}://***@host/{text}"
