"""Caches of layers of requirements: on this machine, and in a repository.

The key of a layer is a hash of everything it is made from. An image's label contains the key of its
layer of requirements, so that other machines can reuse the layer without downloading it.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mldeploy.files.places import cache_home, private
from mldeploy.files.whole import whole
from mldeploy.images.direct.layer import Layer
from mldeploy.images.direct.requirements import content_of
from mldeploy.images.layout import BUILD, REQUIREMENTS
from mldeploy.images.spec import ImageSpec
from mldeploy.text.digests import digest_of, digest_of_file, is_registry_digest

LABEL = "mldeploy.requirements-layer"
_FORMAT = "1"
"""Part of the key: another number makes all cached layers invalid."""
_MOST = 5


def key_of(spec: ImageSpec, *, compiled: bool) -> str:
    """Return the key of a recipe's layer of requirements.

    Args:
        spec: the recipe.
        compiled: whether the layer has byte-code.
    """
    programs = sorted(
        (name, digest_of(content_of(spec, name)))
        for name, _ in spec.files
        if name.startswith(f"{BUILD}/")
    )
    text = content_of(spec, REQUIREMENTS).decode()
    parts = [_FORMAT, text, spec.platform, spec.python, programs, compiled]
    return digest_of(json.dumps(parts).encode())


def label_of(key: str, layer: Layer) -> str:
    """Return the label that describes an image's layer of requirements."""
    return json.dumps({"key": key, **asdict(layer)}, sort_keys=True, separators=(",", ":"))


def labelled(labels: Mapping[str, str], key: str) -> Layer | None:
    """Return the layer described by an image's labels, or None if its key differs."""
    with suppress(ValueError, TypeError, RecursionError):
        found = json.loads(labels.get(LABEL, ""))
        if isinstance(found, dict) and found.pop("key", None) == key:
            return _layer(found)
    return None


def _layer(found: Mapping[str, Any]) -> Layer | None:
    layer = Layer(**found)
    digests = is_registry_digest(layer.digest) and is_registry_digest(layer.diff_id)
    sizes = all(isinstance(one, int) and one > 0 for one in (layer.size, layer.unpacked))
    return layer if digests and sizes else None


def kept(key: str) -> tuple[Layer, Path] | None:
    """Return this machine's layer with a key, or None if there is none or it is incomplete."""
    with suppress(OSError, RuntimeError, ValueError, TypeError):
        folder = _folder()
        file = folder / f"{key}.tar.gz"
        layer = _layer(json.loads((folder / f"{key}.json").read_text(encoding="utf-8")))
        if layer and f"sha256:{digest_of_file(file)}" == layer.digest:
            os.utime(file)
            return layer, file
    return None


def keep(key: str, layer: Layer, file: Path) -> None:
    """Store a layer for later builds; failures are ignored."""
    with suppress(OSError, RuntimeError):
        folder = private(_folder())
        # The JSON is written last: without it the file isn't used.
        with whole(folder / f"{key}.tar.gz") as part:
            shutil.copyfile(file, part)
        (folder / f"{key}.json").write_text(json.dumps(asdict(layer)), encoding="utf-8")
        _thin(folder)


def _thin(folder: Path) -> None:
    files = sorted(folder.glob("*.tar.gz"), key=lambda one: one.stat().st_mtime)
    for old in files[:-_MOST]:
        old.unlink()
        old.with_name(old.name.replace(".tar.gz", ".json")).unlink(missing_ok=True)


def _folder() -> Path:
    return cache_home() / "layers"
