"""The image without what no model needs, beside the one that keeps everything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris"
NAME = "iris-pruning-test"

FILES = """
import os
for folder, _, files in os.walk("/var/task"):
    for file in files:
        print(os.path.join(folder, file))
"""
MODULES = """
import contextlib, importlib, io, json, pkgutil, warnings
warnings.simplefilter("ignore")
fine = []
for top in ("cloudpickle", "joblib", "narwhals", "numpy", "scipy", "sklearn", "threadpoolctl"):
    path = getattr(importlib.import_module(top), "__path__", [])
    for found in pkgutil.walk_packages(path, f"{top}.", onerror=lambda name: None):
        if {"test", "tests", "conftest", "__main__"}.isdisjoint(found.name.split(".")):
            with contextlib.suppress(BaseException), contextlib.redirect_stdout(io.StringIO()):
                importlib.import_module(found.name)
                fine.append(found.name)
print(json.dumps(fine))
"""
PREDICT = """
from endpoint.handler import handle
print(handle({"features": [5.1, 3.5, 1.4, 0.2]}, None)["prediction"]["class_name"])
"""


def mldeploy(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def images(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The example's image, pruned and whole."""
    root = tmp_path_factory.mktemp("pruning") / "iris"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("model"))
    file = root / "mldeploy.toml"
    text = file.read_text().replace('"iris"', f'"{NAME}"')
    text += '\n[training]\ncompile = "off"\n'  # scikit-learn is what there is to prune
    file.write_text(text)
    mldeploy(root, "train")
    pruned = mldeploy(root, "build")
    file.write_text(text.replace("[image]", "[image]\nprune = false"))
    yield {"pruned": pruned, "whole": mldeploy(root, "build")}
    for image in engine.images.list(filters={"label": f"mldeploy.project={NAME}"}):
        engine.images.remove(image.id, force=True)


def output(engine: Any, image: str, code: str) -> list[str]:
    """Run Python in an image as Lambda would, read-only but for /tmp, and return its lines."""
    found = engine.containers.run(
        image,
        ["-c", code],
        entrypoint=["python"],
        user="993:990",
        read_only=True,
        network_mode="none",
        tmpfs={"/tmp": "mode=1777"},  # noqa: S108 - in the container
        remove=True,
    )
    return list(found.decode().splitlines())


def test_the_image_has_no_tests_and_nothing_for_compilers(
    engine: Any, images: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole image has both; its byte-code, sources and licences are in the pruned one too."""
    sizes = {}
    for name, image in images.items():
        files = output(engine, image, FILES)
        sizes[name] = engine.images.get(image).attrs["Size"]
        unneeded = [
            file
            for file in files
            if "/tests/" in file or file.endswith((".h", ".pyx", ".pxd", ".pyi", ".a", ".c"))
        ]
        # A module of scipy.special's imports one of its tests: that stays.
        assert (len(unneeded) > 1000) is (name == "whole")
        assert (len(unneeded) < 10) is (name == "pruned"), unneeded[:20]
        for stays in ("sklearn/base.py", "sklearn/__pycache__/base.", "/licenses/LICENSE", ".csv"):
            assert any(stays in file for file in files), stays
    assert sizes["pruned"] < sizes["whole"] - 50_000_000
    with capsys.disabled():
        told = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items())
        print(f"\n  image: {told}")  # noqa: T201 - for whoever reads CI's log


def test_every_module_can_still_be_imported(engine: Any, images: dict[str, str]) -> None:
    """Of all modules of the requirements, not only those that the model needs."""
    pruned, whole = (
        json.loads(output(engine, images[name], MODULES)[-1]) for name in ("pruned", "whole")
    )
    assert len(whole) > 1000
    assert pruned == whole


def test_the_pruned_image_predicts(engine: Any, images: dict[str, str]) -> None:
    """As the whole one does."""
    assert {output(engine, image, PREDICT)[-1] for image in images.values()} == {"setosa"}
