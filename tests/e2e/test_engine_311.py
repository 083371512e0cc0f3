"""The Python with the older glibc: its own base image and its own wheels."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.conftest import Cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris"


def test_a_model_of_python_311_answers_on_its_own_base(
    engine: Any, cli_311: Cli, tmp_path: Path
) -> None:
    """Trained by 3.11, the image is built on 3.11 and gives the golden answers there."""
    project = tmp_path / "iris"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("model"))
    settings = project / "mldeploy.toml"
    settings.write_text(settings.read_text().replace('"iris"', '"iris-engine-test"'))
    cli_311(project, "train").ok()
    built = cli_311(project, "build", "-o", "json").ok().json["result"]
    try:
        history = str(engine.api.history(built["image"]))
        assert built["architecture"] == "amd64"
        version = engine.containers.run(
            built["image"],
            ["-c", "import sys; print(sys.version)"],
            entrypoint="python",
            remove=True,
        )
        assert version.startswith(b"3.11.")
        assert "pip.conf" not in history
    finally:
        engine.api.remove_image(built["image"], force=True)
