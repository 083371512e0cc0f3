"""A project with one function, deployed to the emulator without a Docker engine."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.emulator import Emulator
from benchmarks.measure import neutral_environment
from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.compare import compare
from mldeploy.deploy.session import connect
from mldeploy.images.kept import Pushed
from mldeploy.model.forms import FORMAT
from mldeploy.plan.apply import apply
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context
from mldeploy.resources.image import Image
from mldeploy.resources.repository import Repository
from mldeploy.resources.stack import stack

SETTINGS = """\
[project]
name = "bench"
python = "3.12"

[functions.predict]
route = "POST /predict"
memory = 1024
timeout = 15

[api]
auth = "none"
"""
_MEDIA = "application/vnd.docker.distribution.manifest.v2+json"


def write_project(folder: Path) -> None:
    """Write settings and a bundle whose model is bytes of a small model's size.

    Only digests of it are read: a deploy that changes nothing unpickles no model.
    """
    (folder / "mldeploy.toml").write_text(SETTINGS)
    bundle = folder / "model"
    bundle.mkdir()
    model = b"not a pickle " * 1000
    golden = json.dumps({"format": 1, "inputs": [[1.0]], "predictions": [{"value": 1.0}]})
    feature = {"name": "x", "dtype": "number", "minimum": 0.0, "maximum": 1.0, "nullable": False}
    facts = {
        "format": FORMAT,
        "model": {
            "estimator": "LinearRegression",
            "served": "model.joblib",
            "forms": [
                {
                    "framework": "sklearn",
                    "file": "model.joblib",
                    "sha256": hashlib.sha256(model).hexdigest(),
                    "bytes": len(model),
                }
            ],
        },
        "signature": {"task": "regression", "input": "array", "features": [feature]},
        "metrics": {"r2": 1.0},
        "versions": {"python": "3.12.1", "scikit-learn": "1.9.1"},
        "golden_sha256": hashlib.sha256(golden.encode()).hexdigest(),
        "example": {"features": [1.0]},
        "provenance": {"created": "2026-01-01T00:00:00Z", "git": None, "mldeploy": "0.1.0"},
    }
    (bundle / "model.joblib").write_bytes(model)
    (bundle / "golden.json").write_text(golden)
    (bundle / "requirements.txt").write_text("scikit-learn==1.9.1\n")
    (bundle / "model.json").write_text(json.dumps(facts, indent=2, sort_keys=True))


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Give this process other AWS variables for a while: boto3 reads them."""
    before = dict(os.environ)
    _replace_environment({**neutral_environment(), **values})
    try:
        yield
    finally:
        _replace_environment(before)


def _replace_environment(values: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(values)


def connected(folder: Path) -> tuple[Context, Artifact]:
    """Return what a command of mldeploy would work with in that project."""
    config = load_config(folder)
    return connect(config, lambda _event: None), artifact_of_bundles(config)


def deploy_once(folder: Path, where: Emulator) -> None:
    """Create all resources of the project, with an image without layers.

    The plan is applied without verification, because moto runs no functions and serves no API.
    """
    with variables(where.environment()):
        context, artifact = connected(folder)
        config = load_config(folder)
        put_images(context, artifact, config)
        apply(compare(config, artifact, context.reads.again()).plan, context)


def put_images(context: Context, artifact: Artifact, config: Config) -> None:
    """Create the repository with images without layers, which needs no engine.

    Also records on this machine that it pushed them.
    """
    for one in stack(config, artifact, context.account):
        match one:
            case Repository():
                one.create(context)
            case Image():
                put = context.clients.ecr.put_image(
                    repositoryName=one.repository,
                    imageTag=one.tag,
                    imageManifest=_manifest(one.tag),
                    imageManifestMediaType=_MEDIA,
                )["image"]
                account = context.account
                place = Pushed(account.id, account.region, one.repository, one.tag)
                place.record(put["imageId"]["imageDigest"])


def _manifest(tag: str) -> str:
    config = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": 2,
        "digest": f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}",
    }
    manifest = {"schemaVersion": 2, "mediaType": _MEDIA, "config": config, "layers": []}
    return json.dumps(manifest)
