"""Recipes of images, independent of engines."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mldeploy.config import DEFAULT_HANDLER, Config
from mldeploy.files.included import files_below, included_files
from mldeploy.files.shipped import shipped
from mldeploy.images.layout import BUILD, DOCKERFILE, REQUIREMENTS, included, of_model
from mldeploy.images.others import OTHERS, others_of
from mldeploy.images.trials import Trial, golden_of_handlers, trials
from mldeploy.model.agreeing import require_agreement
from mldeploy.model.base_image import base_of, pinned
from mldeploy.model.bundle import COLUMNS, FACTS, Bundle
from mldeploy.model.difference import facts_to_compare
from mldeploy.model.golden import Golden
from mldeploy.text.digests import digest_of, digest_of_content, fingerprint
from mldeploy.text.redact import hide

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
Content = Path | bytes
PROJECT_LABEL = "mldeploy.project"
STAGE_LABEL, STAGE_OF_LABEL = "mldeploy.stage", "mldeploy.stage-of"
"""Labels of a stage's image in the Dockerfile: its name, and the hash of its contents. Containers
that run a stage's commands have them, too."""
_PRUNING = {f"{BUILD}/imports.py", f"{BUILD}/prune.py"}
_SHORTEST_PASSWORD = 8
_SHORTEST_TOKEN = 16
"""A user name alone may be a token, which is secret; an ordinary word occurs in any image."""


@dataclass(frozen=True)
class ImageSpec:
    """The recipe of an image.

    Attributes:
        project: the project's name.
        fingerprint: of its contents, 32 hexadecimal digits; the image's tag.
        platform: "linux/amd64" or "linux/arm64".
        base: the base image's reference, with its digest if recorded.
        python: "3.12".
        files: the build context: (path, content), sorted.
        labels: sorted.
        index_url: a pip index; may contain credentials, so it isn't in the repr.
        ca_bundle: for pip, or None.
        trials: checks of the image, one per function; not in the fingerprint.
        network: whether trials have network access; not in the fingerprint.
        facts: model.json, for the documents about the image; not in the fingerprint.
    """

    project: str
    fingerprint: str
    platform: str
    base: str
    python: str
    files: tuple[tuple[str, Content], ...]
    labels: tuple[tuple[str, str], ...]
    index_url: str = field(default="", repr=False)
    ca_bundle: Path | None = None
    trials: tuple[Trial, ...] = (Trial(),)
    network: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def index_secrets(self) -> tuple[str, ...]:
        """Texts that must not be in an image: the index's login, encoded and decoded."""
        parts = urlsplit(self.index_url)
        if not parts.password and len(parts.username or "") < _SHORTEST_TOKEN:
            return ()
        found = [parts.netloc.rpartition("@")[0]]
        if len(parts.password or "") >= _SHORTEST_PASSWORD:
            found.append(parts.password or "")
        return tuple(dict.fromkeys(form for one in found for form in (one, unquote(one))))

    @property
    def architecture(self) -> str:
        """The platform's architecture, by its name in Docker."""
        return self.platform.partition("/")[2]

    def golden_of(self, handler: str) -> Golden:
        """Return the golden examples of a handler."""
        return next((one.golden for one in self.trials if one.handler == handler), Golden())

    @property
    def local_tag(self) -> str:
        """The image's name on this machine."""
        return f"mldeploy/{self.project}:{self.fingerprint}"


def _files(config: Config, bundle: Bundle, requirements: str) -> dict[str, Content]:
    """Return the build context: the template, the user's files, the model and its requirements."""
    files: dict[str, Content] = dict(_template(config))
    # Files in `include` take precedence over those that training detected.
    files.update({included(name): path for name, path in bundle.code.items()})
    files.update(
        (included(name), path) for name, path in included_files(config.root, config.included)
    )
    files[of_model(FACTS)] = bundle.image_facts()
    if bundle.columns:
        files[of_model(COLUMNS)] = bundle.columns
    files[of_model(bundle.file)] = bundle.path / bundle.file
    if others := others_of(config):
        files[OTHERS] = others
    files[REQUIREMENTS] = requirements.encode()
    return files


def image_spec(config: Config, bundle: Bundle) -> ImageSpec:
    """Return the recipe for a bundle.

    Raises:
        MldeployError: MLD207 if bundle and configuration disagree, MLD208 for a bundle that would
            publish training rows, MLD311 if an included file is missing, MLD314 if it contains
            secrets, MLD313 for an invalid golden file.
    """
    require_agreement(config, bundle)
    requirements = "\n".join(bundle.locked(config.architecture)) + "\n"
    files = _files(config, bundle, requirements)
    reference = base_of(config, bundle.python)
    base = pinned(reference, bundle.base_digest(reference))
    platform = PLATFORMS[config.architecture]
    # `load_bundle` has just hashed the model, which may be large.
    known = {of_model(bundle.file): bundle.sha256}
    hashes = {
        path: known.get(path) or digest_of_content(content) for path, content in files.items()
    }
    tag = fingerprint(hashes, base=base, platform=platform)
    spec = ImageSpec(
        project=config.name,
        fingerprint=tag,
        platform=platform,
        base=base,
        python=bundle.python,
        files=tuple(sorted(files.items())),
        labels=_labels(config, bundle, tag, requirements),
        index_url=config.image.index_url,
        ca_bundle=config.root / config.image.ca_bundle if config.image.ca_bundle else None,
        trials=_trials(config, bundle),
        network=config.image.network,
        facts=bundle.facts,
    )
    hide(spec.index_secrets)
    return spec


def _trials(config: Config, bundle: Bundle) -> tuple[Trial, ...]:
    """Return the image's trials; the bundle's golden examples aren't copied into the image."""
    by_handler = {DEFAULT_HANDLER: bundle.golden_examples, **golden_of_handlers(config)}
    wanted = trials(config.functions, config.root) or (Trial(),)
    return tuple(replace(one, golden=by_handler.get(one.handler, Golden())) for one in wanted)


def _labels(
    config: Config, bundle: Bundle, tag: str, requirements: str
) -> tuple[tuple[str, str], ...]:
    labels = {
        "org.opencontainers.image.title": config.name,
        "mldeploy.format": "1",
        PROJECT_LABEL: config.name,
        "mldeploy.fingerprint": tag,
        "mldeploy.model": bundle.sha256,
        "mldeploy.requirements": digest_of(requirements.encode()),
        "mldeploy.facts": json.dumps(
            facts_to_compare(bundle.facts), sort_keys=True, separators=(",", ":")
        ),
    }
    return tuple(sorted(labels.items()))


def _template(config: Config) -> Iterator[tuple[str, Content]]:
    """Yield the endpoint's modules and the Dockerfile, or the user's Dockerfile."""
    root = shipped("image_template")
    for path in files_below(root):
        name = path.relative_to(root).as_posix()
        # The Dockerfile prunes if these exist, so the fingerprint covers the setting.
        if config.image.prune or name not in _PRUNING:
            yield name, path
    if config.image.dockerfile:
        yield DOCKERFILE, config.root / config.image.dockerfile
