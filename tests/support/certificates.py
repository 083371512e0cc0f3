"""A certificate to stand for a company's own CA."""

from pathlib import Path

END = b"-----END CERTIFICATE-----\n"


def certificate() -> bytes:
    """Return a CA's certificate in PEM form, out of Mozilla's list."""
    import certifi

    content = Path(certifi.where()).read_bytes()
    start = content.index(b"-----BEGIN CERTIFICATE-----")
    return content[start : content.index(END) + len(END)]
