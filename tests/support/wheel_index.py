"""A package index on loopback: a folder of empty wheels, one folder a distribution."""

import functools
import hashlib
import http.server
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

_process = ExitStack()
"""What is there until the process ends."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""

    def translate_path(self, path: str) -> str:
        """Take a whole URL too, as a proxy gets it."""
        return super().translate_path(urlsplit(path).path)


def write_wheel(
    root: Path, name: str, version: str, tag: str = "py3-none-any", text: str = ""
) -> Path:
    """Write a wheel and list it; `text` is the content of its only module.

    Args:
        root: of the index.
        name: of the distribution.
        version: of it.
        tag: "python-abi-platform".
        text: of the module.
    """
    folder = root / name
    folder.mkdir(exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", text)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", f"{module}.py,,\n")
    links = "".join(map(_link, sorted(folder.glob("*.whl"))))
    (folder / "index.html").write_text(links)
    return path


def _link(wheel: Path) -> str:
    """Return a link as an index has it, with the file's hash (PEP 503)."""
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f'<a href="{wheel.name}#sha256={sha256}">{wheel.name}</a>'


@contextmanager
def serving(root: Path) -> Iterator[int]:
    """Serve an index, and yield its port; it answers as a proxy for any host, too."""
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@functools.cache
def index_of_all() -> str:
    """Return the address of an index of all that is installed here, served by this process.

    What a test trains can then be installed, and that is known from then on: pip is asked once for
    each list of requirements, not by each training.
    """
    root = Path(_process.enter_context(tempfile.TemporaryDirectory()))
    for one in distributions():
        if one.name:
            write_wheel(root, canonicalize_name(one.name), one.version)
    return f"http://reader:hunter2secret@127.0.0.1:{_process.enter_context(serving(root))}"
