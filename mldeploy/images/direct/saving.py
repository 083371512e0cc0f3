"""Writes an image to a file in two formats: OCI image layout, and that of `docker load`.

Sources: https://github.com/opencontainers/image-spec/blob/main/image-layout.md;
https://github.com/moby/docker-image-spec/blob/main/spec.md, "Combined Image JSON + Filesystem
Changeset Format"
"""

import io
import json
import tarfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from mldeploy.files.whole import whole
from mldeploy.http.blobs import Blob
from mldeploy.images.direct.made import Made
from mldeploy.text.digests import registry_digest


def save(made: Made, name: str, target: Path) -> None:
    """Write an image to a file; the base's layers are downloaded.

    Args:
        made: the image.
        name: its name in engines, with a tag.
        target: the new file, which is written atomically.

    Raises:
        MldeployError: MLD358 or MLD359 about the base's registry.
        OSError: the file can't be written.
    """
    with whole(target) as part, tarfile.open(part, "w") as tar:
        layers = [*_base(made, tar), *_ours(made, tar)]
        for content in (made.documents.configuration, made.documents.manifest):
            _add(tar, _place(registry_digest(content)), content)
        for file, document in _indexes(made, name, layers).items():
            _add(tar, file, json.dumps(document, sort_keys=True).encode())


def _base(made: Made, tar: tarfile.TarFile) -> list[str]:
    for blob in made.base.blobs:
        _stream(tar, blob, made.base_repository.stream(blob))
    return [_place(one.digest) for one in made.base.blobs]


def _ours(made: Made, tar: tarfile.TarFile) -> list[str]:
    for part in made.parts:
        blob = Blob(part.layer.digest, part.layer.size)
        _stream(tar, blob, made.opened(part))
    return [_place(part.layer.digest) for part in made.parts]


def _indexes(made: Made, name: str, layers: list[str]) -> dict[str, Any]:
    manifest = made.documents.manifest
    descriptor = {
        "mediaType": made.documents.media_type,
        "digest": registry_digest(manifest),
        "size": len(manifest),
        "annotations": {
            "io.containerd.image.name": f"docker.io/{name}",
            "org.opencontainers.image.ref.name": name.rpartition(":")[2],
        },
    }
    loaded = {"Config": _place(made.documents.image_id), "RepoTags": [name], "Layers": layers}
    return {
        "oci-layout": {"imageLayoutVersion": "1.0.0"},
        "index.json": {"schemaVersion": 2, "manifests": [descriptor]},
        "manifest.json": [loaded],
    }


def _place(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def _stream(tar: tarfile.TarFile, blob: Blob, opened: AbstractContextManager[IO[bytes]]) -> None:
    info = tarfile.TarInfo(_place(blob.digest))
    info.size = blob.size
    with opened as content:
        tar.addfile(info, content)
