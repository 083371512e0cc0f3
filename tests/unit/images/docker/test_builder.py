"""Builds and pushes: the engine's answers, good and bad."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from requests.exceptions import ConnectionError as Broken

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Event, Note, Progress
from mldeploy.images.builder import BuildOptions
from mldeploy.images.docker import DockerBuilder
from mldeploy.images.making import with_docker
from tests.support.engine_api import (
    BASE,
    BUILT,
    CANARY,
    DIGEST,
    PUSHED,
    SPEC,
    TARGET,
    FakeApi,
    api_error,
    build_fails,
    nothing,
)


def push_fails(api: FakeApi) -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        DockerBuilder(api).push(BUILT, TARGET, nothing)
    assert raised.value.exit_code == ExitCode.DOCKER
    return raised.value


def test_a_build_says_what_it_does_and_what_came_of_it() -> None:
    """Each line of the log is an event; the result has the image's own facts."""
    api, events = FakeApi(), list[Event]()
    built = with_docker(api).builder.build(SPEC, events.append)
    assert built == BUILT
    texts = [event.text for event in events if isinstance(event, Progress)]
    assert texts[:2] == ["Step 1", "Step 2"]
    (given,) = api.named("build")
    assert given["platform"] == "linux/amd64"
    assert given["tag"] == SPEC.local_tag
    assert given["buildargs"] == {"BASE": BASE, "REQUIREMENTS": "abc", "MODEL": "def"}


def test_an_image_that_is_there_is_not_built_but_tried() -> None:
    """The tag names the content; its answers are asked for each time."""
    api = FakeApi()
    api.there = True
    with_docker(api).builder.build(SPEC, nothing)
    assert not api.named("build")
    assert api.named("start")


@pytest.mark.parametrize("options", [BuildOptions(pull=True), BuildOptions(no_cache=True)])
def test_a_forced_build_builds_what_is_there(options: BuildOptions) -> None:
    """--pull and --no-cache reach the engine."""
    api = FakeApi()
    api.there = True
    with_docker(api).builder.build(SPEC, nothing, options)
    (given,) = api.named("build")
    assert (given["pull"], given["nocache"]) == (options.pull, options.no_cache)


BUILD_ADVICE = [
    ("ERROR: No matching distribution found for numpy==9", "numpy==9 has no wheel"),
    ("SSL: CERTIFICATE_VERIFY_FAILED", "ca_bundle"),
    ("write /x: no space left on device", "docker system df"),
    ("manifest unknown: not there", "[image] base"),
    ("pull access denied for x", "[image] base"),
    (
        (
            "pull access denied for public.ecr.aws/lambda/python, repository does not exist or may "
            "require 'docker login': denied: Your authorization token has expired. Reauthenticate"
        ),
        "`docker logout public.ecr.aws`",
    ),
    (
        (
            "unexpected status from HEAD request to https://public.ecr.aws/v2/lambda/python/manifests"
            "/3.12: 403 Forbidden"
        ),
        "`docker logout public.ecr.aws`",
    ),
    ("the --mount option requires BuildKit. Refer to x", "RUN --mount"),
    ("repository does not exist", "[image] base"),
    ("pruning broke the import of a, b", "prune = false"),
    ("Temporary failure in name resolution", "proxies"),
    ("Failed to establish a new connection: x", "proxies"),
    ("Connection refused\nERROR: No matching distribution found for x", "index_url"),
    ("something else", "log above"),
]


@pytest.mark.parametrize(("log", "advice"), BUILD_ADVICE)
@pytest.mark.parametrize("place", ["stream", "error"])
def test_an_error_in_the_stream_fails_the_build_with_advice(
    log: str, advice: str, place: str
) -> None:
    """HTTP said 200; the log before the error or the error itself says what to do."""
    api = FakeApi()
    api.building = [{"stream": f"{log}\n"}, {"error": log if place == "error" else "code 1"}]
    error = build_fails(api)
    assert error.code == "MLD302"
    assert advice in error.hint
    assert ("log", log.splitlines()[-1]) in error.details
    assert not api.named("start")


def test_what_the_engine_refuses_is_the_build_s_error() -> None:
    """A Dockerfile that can't be parsed isn't a missing engine."""
    error = build_fails(FakeApi(build=api_error("dockerfile parse error line 3")))
    assert error.code == "MLD302"
    assert "dockerfile parse error line 3" in error.message
    assert "http+docker" not in error.message


@pytest.mark.parametrize(
    "said",
    [
        "page not found",
        "invalid version 1",
        "the classic builder has been removed",
        "Not Implemented: unsupported builder version",
    ],
)
def test_an_engine_without_the_classic_builder_is_recognised(said: str) -> None:
    """MLD317 says which engines still have it; no such release is out, so the words are guesses."""
    error = build_fails(FakeApi(build=api_error(said)))
    assert error.code == "MLD317"
    assert said in error.message
    assert "Podman" in error.hint


def test_a_password_in_the_log_is_not_repeated() -> None:
    """Pip may print the address of its index."""
    api = FakeApi()
    url = f"https://me:{CANARY}@x.example/simple"
    api.building = [{"stream": f"Looking in {url}\n"}, {"error": f"no {url}"}]
    error = build_fails(api)
    assert CANARY not in f"{error.message}{error.hint}{error.details}"


def test_an_engine_for_windows_is_refused_before_building() -> None:
    """MLD301 with what to switch."""
    api = FakeApi()
    api.os = "windows"
    error = build_fails(api)
    assert (error.code, api.named("build")) == ("MLD301", [])
    assert "Linux containers" in error.hint


def test_a_build_that_leaves_no_image_is_an_error() -> None:
    """The stream ended as if all was well."""
    api = FakeApi()
    api.building = [{"error": "x"}]
    builder = with_docker(api).builder
    with pytest.raises(MldeployError):
        builder.build(SPEC, nothing)
    api.building = []
    api.build = lambda **_given: iter(())  # type: ignore[method-assign]
    assert build_fails(api).code == "MLD302"


@pytest.mark.parametrize(
    ("facts", "code", "says"),
    [
        ({"Architecture": "arm64"}, "MLD303", "arm64"),
        ({"Size": 10_000_000_000}, "MLD304", "10.0 GB"),
    ],
)
def test_an_image_that_lambda_refuses_is_refused_here(
    facts: dict[str, Any], code: str, says: str
) -> None:
    """Architecture and size are known before a push."""
    api = FakeApi()
    api.facts |= facts
    error = build_fails(api)
    assert error.code == code
    assert says in error.message
    assert not api.named("start")


def test_what_counts_is_the_unpacked_image() -> None:
    """A containerd store's `Size` is compressed (28.5.2): 4 GB of it may be 12 unpacked."""
    api = FakeApi()
    api.facts["Size"] = 4_000_000_000
    api.past = [{"Size": 7_000_000_000}, {"Size": 0}, {"Size": 5_000_000_000}]
    error = build_fails(api)
    assert error.code == "MLD304"
    assert "12.0 GB" in error.message


CACHE = BuildOptions(cache=("x.example/demo@sha256:1", TARGET))


def test_the_previous_image_is_pulled_where_there_is_nothing_better() -> None:
    """With the login of this run, and then it is the cache."""
    api = FakeApi()
    with_docker(api).builder.build(SPEC, nothing, CACHE)
    ((reference, given),) = api.named("pull")
    assert reference == "x.example/demo@sha256:1"
    assert given["auth_config"]["password"] == CANARY
    assert api.named("build")[0]["cache_from"] == [reference]


def test_an_image_with_these_requirements_is_the_better_cache() -> None:
    """Told of a cache, the engine would build its own stages anew."""
    api = FakeApi()
    api.similar = [{"Id": "sha256:2"}]
    with_docker(api).builder.build(SPEC, nothing, CACHE)
    assert not api.named("pull")
    assert api.named("build")[0]["cache_from"] is None
    labels = ["mldeploy.project=demo", "mldeploy.requirements=abc"]
    assert api.named("images") == [{"label": labels}]


@pytest.mark.parametrize("how", ["stream", "raised"])
def test_a_cache_that_cannot_be_pulled_is_only_a_note(how: str) -> None:
    """The build goes on without it."""
    api = FakeApi() if how == "stream" else FakeApi(pull=api_error("it is gone"))
    api.pulling = [{"error": "it is gone"}]
    events = list[Event]()
    with_docker(api).builder.build(SPEC, events.append, CACHE)
    assert any(isinstance(event, Note) and "it is gone" in event.text for event in events)
    assert api.named("build")[0]["cache_from"] is None


def test_a_push_counts_bytes_and_layers_and_returns_the_digest() -> None:
    """What was there counts apart; an amount is never added twice."""
    api, events = FakeApi(), list[Event]()
    ref = DockerBuilder(api).push(BUILT, TARGET, events.append)
    assert (ref.digest, ref.bytes_sent) == (DIGEST, 100)
    assert (ref.layers_pushed, ref.layers_reused) == (2, 2)
    assert [e.current for e in events if isinstance(e, Progress)] == [10, 95, 100]
    assert api.named("push") == [{"username": "AWS", "password": CANARY}]


PUSH_ADVICE = [
    ("no basic auth credentials", "login"),
    ("unauthorized: authentication required", "login"),
    ("denied: User is not authorized to perform", "iam policy"),
    ("tag invalid: The image tag 'x' is immutable", "another deploy"),
    ("read: connection reset by peer", "connection broke"),
    ("write tcp 127.0.0.1:1->127.0.0.1:2: use of closed network connection", "connection broke"),
    ("write /var/lib/docker/tmp/x: no space left on device", "free disk space of the engine"),
    ("something else", "again"),
]


@pytest.mark.parametrize(("text", "advice"), PUSH_ADVICE)
def test_an_error_in_the_stream_fails_the_push_with_advice(text: str, advice: str) -> None:
    """HTTP said 200, and the temporary tag is removed all the same."""
    api = FakeApi()
    api.pushing = [*PUSHED, {"error": text, "errorDetail": {"message": text}}]
    error = push_fails(api)
    assert error.code == "MLD306"
    assert text in error.message
    assert advice in error.hint
    assert api.named("remove_image") == [f"x.example/demo:{SPEC.fingerprint}"]


@pytest.mark.parametrize("call", ["tag", "push"])
def test_what_the_engine_refuses_is_the_push_s_error(call: str) -> None:
    """An answer of the engine isn't a missing engine."""
    error = push_fails(FakeApi(**{call: api_error("unauthorized: no")}))
    assert (error.code, "login" in error.hint) == ("MLD306", True)


STATUS = f"t: digest: {DIGEST} size: 967"
NO_IMAGE = {"manifestPushedInsteadOfIndex": True, "selectedManifest": {"digest": "sha256:0"}}


@pytest.mark.parametrize(
    ("last", "digest"),
    [
        ([{"status": STATUS}], DIGEST),
        ([{"status": STATUS}, {"aux": NO_IMAGE}], DIGEST),
        ([{"progressDetail": {}, "aux": None}], ""),
        ([], ""),
    ],
)
def test_a_push_tells_the_digest_where_the_engine_does(
    last: list[dict[str, Any]], digest: str
) -> None:
    """Docker 28.5 with a containerd store says it in a line alone; none is no failure here."""
    api = FakeApi()
    api.pushing = [*PUSHED[:-1], *last]
    assert DockerBuilder(api).push(BUILT, TARGET, nothing).digest == digest


def test_a_push_goes_where_the_target_says() -> None:
    """The image's own tag in the registry is given later."""
    api = FakeApi()
    DockerBuilder(api).push(BUILT, replace(TARGET, tag="incoming-1"), nothing)
    assert api.named("tag") == api.named("remove_image") == ["x.example/demo:incoming-1"]


def test_names_of_pushes_with_which_the_engine_died_go_with_the_next() -> None:
    """Of this repository alone, and no name that a user gave."""
    api = FakeApi()
    names = ["x.example/demo:incoming-0", "x.example/demo:mine", "y.example/demo:incoming-0"]
    api.there, api.facts = True, {**api.facts, "RepoTags": names}
    DockerBuilder(api).push(BUILT, replace(TARGET, tag="incoming-1"), nothing)
    assert api.named("remove_image") == ["x.example/demo:incoming-1", "x.example/demo:incoming-0"]


@pytest.mark.parametrize(("version", "platform"), [("1.45", None), ("1.46", "amd64")])
def test_an_engine_that_can_pushes_one_platform(version: str, platform: str | None) -> None:
    """The API takes `platform` from 1.46 on; no later call of the client has it."""
    api = FakeApi()
    api.api_version, api.params = version, {"kept": "1"}
    DockerBuilder(api).push(BUILT, TARGET, nothing)
    (given,) = api.pushed_with
    assert api.params == {"kept": "1"}
    asked = json.loads(given["platform"]) if "platform" in given else {}
    assert asked.get("architecture") == platform
    assert asked.get("os") == ("linux" if platform else None)


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), api_error("x")])
def test_the_temporary_tag_is_removed(error: BaseException | None) -> None:
    """After success, after failure and after Ctrl-C."""
    api = FakeApi(**({"push": error} if error else {}))
    with suppress(KeyboardInterrupt, MldeployError):
        DockerBuilder(api).push(BUILT, TARGET, nothing)
    assert api.named("remove_image") == api.named("tag") == [f"x.example/demo:{SPEC.fingerprint}"]


@pytest.mark.parametrize("error", [api_error("conflict"), Broken(ConnectionRefusedError(111, ""))])
def test_a_tag_that_cannot_be_removed_does_not_hide_the_push_s_error(error: BaseException) -> None:
    """What failed first is what is said, also where the engine has died in the push."""
    api = FakeApi(remove_image=error)
    api.pushing = [{"error": "denied"}]
    assert "denied" in push_fails(api).message
    api.pushing = PUSHED
    assert DockerBuilder(api).push(BUILT, TARGET, nothing).digest == DIGEST
