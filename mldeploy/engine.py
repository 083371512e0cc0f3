"""The Docker engine: the only `import docker`. It builds, tries out and pushes images."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from mldeploy.engine_errors import build_error, engine_error, push_error
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note, Progress
from mldeploy.image import (
    BuildOptions,
    Built,
    ImageRef,
    ImageSpec,
    RepositoryTarget,
    context_archive,
)

_ENGINE_TIMEOUT = 600
"""Seconds: a large layer takes its time, and docker-py gives up after 60."""
_LARGEST = 10_000_000_000
"""Bytes: Lambda's limit for an image (Lambda quotas, "Container image code package size")."""
_CHECK_SECONDS = 120
_CHECK_MEMORY = "2g"
_ARCHITECTURES = {"linux/amd64": "amd64", "linux/arm64": "arm64"}
_LAST_LINES = 25


class DockerBuilder:
    """Makes images with the Docker SDK's classic builder; nothing is touched before it is used."""

    @cached_property
    def _api(self) -> Any:
        """The engine, found as the docker command finds it: DOCKER_HOST, contexts, the socket."""
        import docker

        with _translated():
            client = docker.from_env(timeout=_ENGINE_TIMEOUT)
            client.ping()
        return client.api

    def check(self, spec: ImageSpec) -> list[str]:
        """Return what is known to be wrong before anything is built."""
        with _translated():
            info = self._api.info()
        if info.get("OSType") != "linux":
            return [f"the Docker engine makes {info.get('OSType')} images; Lambda runs Linux"]
        del spec
        return []

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image unless this machine has it, then hold it to Lambda's rules.

        Raises:
            MldeployError: MLD301 without an engine, MLD302 where the build fails, MLD303 to
                MLD307 where the image isn't fit for Lambda.
        """
        wanted = options or BuildOptions()
        problems = self.check(spec)
        if problems:
            raise MldeployError("MLD301", "; ".join(problems), "switch Docker to Linux containers")
        if wanted.no_cache or wanted.pull or self._image(spec.local_tag) is None:
            cache = self._pulled(wanted, emit)
            self._build(spec, emit, wanted, cache)
        built = self._built(spec)
        self._accept(built, emit)
        return built

    def _image(self, reference: str) -> dict[str, Any] | None:
        from docker.errors import ImageNotFound

        with _translated():
            try:
                return dict(self._api.inspect_image(reference))
            except ImageNotFound:
                return None

    def _pulled(self, options: BuildOptions, emit: Emit) -> list[str]:
        """Pull the previous image where this machine has none, to serve as a cache."""
        source = options.cache
        if source is None or options.no_cache:
            return []
        reference, login = source
        if self._image(reference) is None:
            emit(Progress("build", "pulling the previous image as a cache"))
            try:
                with _translated():
                    events = self._api.pull(
                        reference, stream=True, decode=True, auth_config=_login(login)
                    )
                    failure = next((e["error"] for e in events if "error" in e), None)
            except MldeployError as error:
                failure = error.message
            if failure:
                emit(Note(f"no cache: the previous image couldn't be pulled ({failure})"))
                return []
        return [reference]

    def _build(self, spec: ImageSpec, emit: Emit, options: BuildOptions, cache: list[str]) -> None:
        lines: deque[str] = deque(maxlen=_LAST_LINES)
        with context_archive(spec) as archive, _translated():
            events = self._api.build(
                fileobj=archive,
                custom_context=True,
                encoding=None,
                tag=spec.local_tag,
                platform=spec.platform,
                buildargs={"BASE": spec.base},
                labels=dict(spec.labels),
                cache_from=cache or None,
                nocache=options.no_cache,
                pull=options.pull,
                rm=True,
                forcerm=True,
                decode=True,
            )
            for event in events:
                if "error" in event:
                    raise build_error(spec, str(event["error"]), list(lines))
                for line in str(event.get("stream", "")).splitlines():
                    if line.strip():
                        lines.append(line)
                        emit(Progress("build", line.strip()[:120]))
        self._search_history(spec)

    def _search_history(self, spec: ImageSpec) -> None:
        """Look for the index's login in the final image: it mustn't be there."""
        secret = spec.index_login
        if not secret:
            return
        with _translated():
            history = json.dumps(self._api.history(spec.local_tag))
            config = json.dumps(self._api.inspect_image(spec.local_tag))
        if secret in history or secret in config:
            with _translated():
                self._api.remove_image(spec.local_tag, force=True)
            raise MldeployError(
                "MLD307",
                "the image's history holds the login of [image] index_url",
                "your Dockerfile passes it to the final stage: install requirements in a "
                "stage that is discarded",
            )

    def _built(self, spec: ImageSpec) -> Built:
        found = self._image(spec.local_tag)
        if found is None:
            raise MldeployError(
                "MLD302", f"the build left no image {spec.local_tag}", "run `mldeploy build` again"
            )
        return Built(found["Id"], spec, int(found["Size"]), str(found["Architecture"]))

    def _accept(self, built: Built, emit: Emit) -> None:
        wanted = _ARCHITECTURES[built.spec.platform]
        if built.architecture != wanted:
            raise MldeployError(
                "MLD303",
                f"the image is for {built.architecture}, the function wants {wanted}",
                "name a base image of that architecture, or change [project] architecture",
            )
        if built.size >= _LARGEST:
            raise MldeployError(
                "MLD304",
                f"the image has {built.size / 1e9:.1f} GB; Lambda takes 10",
                "leave requirements or files out, or make the model smaller",
            )
        emit(Progress("build", "answering the golden examples in the container"))
        _judge(self._try_out(built), emit)

    def _try_out(self, built: Built) -> "tuple[int, str]":
        """Run the image's own check as Lambda would run it; return exit code and output.

        Read-only root, /tmp of 512 MB, not root, no network
        (Lambda developer guide, "Lambda execution environment").
        """
        with _translated():
            host = self._api.create_host_config(
                read_only=True,
                tmpfs={"/tmp": "rw,size=512m,mode=1777"},  # noqa: S108 - inside the container
                network_mode="none",
                mem_limit=_CHECK_MEMORY,
                cap_drop=["ALL"],
            )
            container = self._api.create_container(
                built.image_id,
                entrypoint=["python", "-m", "endpoint.check"],
                user="993:990",
                working_dir="/var/task",
                host_config=host,
                environment={"LAMBDA_TASK_ROOT": "/var/task"},
            )["Id"]
            stop = threading.Timer(_CHECK_SECONDS, self._api.kill, [container])
            try:
                self._api.start(container)
                stop.start()
                code = int(self._api.wait(container)["StatusCode"])
                return code, self._api.logs(container).decode("utf-8", "replace")
            finally:
                stop.cancel()
                self._api.remove_container(container, force=True)

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push the image under its fingerprint, with a login for this push alone.

        Raises:
            MldeployError: MLD306 for an error in the stream, which the SDK doesn't raise.
        """
        tag = built.spec.fingerprint
        reference = f"{repository.uri}:{tag}"
        with _translated():
            self._api.tag(built.image_id, repository.uri, tag)
            try:
                events = self._api.push(
                    repository.uri, tag, stream=True, decode=True, auth_config=_login(repository)
                )
                return _pushed(events, reference, emit)
            finally:
                self._api.remove_image(reference, noprune=True)


def _login(repository: RepositoryTarget) -> dict[str, str]:
    return {"username": repository.username, "password": repository.password}


def _pushed(events: Iterator[dict[str, Any]], reference: str, emit: Emit) -> ImageRef:
    digest, sent, reused = "", {}, set()
    for event in events:
        if "error" in event:
            raise push_error(reference, str(event["error"]))
        layer = event.get("id", "")
        match event.get("status", ""):
            case "Pushing":
                detail = event.get("progressDetail", {})
                sent[layer] = max(sent.get(layer, 0), int(detail.get("current", 0)))
                emit(Progress("push", f"layer {layer}", sum(sent.values())))
            case "Pushed":
                sent.setdefault(layer, 0)
            case str(status) if status.startswith(("Layer already exists", "Mounted from")):
                reused.add(layer)
        digest = event.get("aux", {}).get("Digest", digest)
    if not digest:
        raise push_error(reference, "the registry reported no digest")
    return ImageRef(digest, sum(sent.values()), len(sent), len(reused))


def _judge(outcome: tuple[int, str], emit: Emit) -> None:
    """Read what the check in the container said."""
    code, output = outcome
    if code == 0:
        return
    if "exec format error" in output:
        emit(
            Note(
                "the image is for another architecture than this machine's: its answers "
                "couldn't be checked here",
                "warning",
            )
        )
        return
    from mldeploy.engine_errors import check_error

    raise check_error(code, output)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the SDK's errors into ours."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException) as error:
        raise engine_error(error) from error
