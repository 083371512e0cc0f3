"""Pin the clients' environments anew (needs uv and npm): `make requirements`."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from tests.clients.environments import HERE

_MODEL = re.compile(r"^(numpy|pandas|scikit-learn|scipy|joblib)==")
_COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate"),
)
_SHIPPED = HERE.parents[1] / "mldeploy/invoke/clients/openapi-python-client.in"
"""The generator that `mldeploy client` installs."""
_LOCK = (
    *("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"),
    "--omit-lockfile-registry-resolved",  # whoever installs has a registry of their own
)


def main() -> None:
    """Compile each file of requirements; servers load the models, so they get our versions."""
    pinned = (HERE.parents[1] / "requirements-dev.txt").read_text().splitlines()
    lines = [line.removesuffix(" \\") for line in pinned if _MODEL.match(line)]
    environment = {name: value for name, value in os.environ.items() if name != "UV_INDEX_URL"}
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(lines))
        for file in [*sorted((HERE / "requirements").glob("*.in")), _SHIPPED]:
            same = ("-c", str(constraints)) if "scikit-learn" in file.read_text() else ()
            output = ("-o", str(file.with_suffix(".txt")))
            subprocess.run([*_COMPILE, str(file), *output, *same], env=environment, check=True)
    subprocess.run(_LOCK, cwd=HERE, check=True)


if __name__ == "__main__":
    main()
