"""The index's login in an image: found wherever it is, or nobody says that it isn't there."""

import gzip
import os
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from mldeploy.events import Event, Note
from mldeploy.images.making import with_docker
from tests.support.engine_api import CANARY, SPEC, FakeApi, build_fails, nothing, tar_of

LEAK = f"me:{CANARY}"


def gzip_cut() -> bytes:
    """Return an export whose layer ends too early."""
    return tar_of({"blobs/sha256/0": gzip.compress(tar_of({"a": os.urandom(900)}))[:-500]})


def in_history(api: FakeApi) -> None:
    api.past = [{"CreatedBy": f"RUN pip install -i https://{LEAK}@x.example/"}]


def in_settings(api: FakeApi) -> None:
    api.facts["Config"] = {"Env": [f"PIP_INDEX_URL=https://{LEAK}@x.example/"]}


def layer(name: str, pack: Callable[[bytes], bytes]) -> Callable[[FakeApi], None]:
    """Put the login into a file of a layer, in an export that comes in small pieces."""

    def leak(api: FakeApi) -> None:
        content = f"index-url = https://{LEAK}@x.example/".encode()
        inside = pack(tar_of({"etc/pip.conf": content}))
        export = tar_of({"oci-layout": b"{}", "blobs/sha256/0": b"{}", name: inside})
        api.layers = [export[at : at + 700] for at in range(0, len(export), 700)]

    return leak


def in_two_members(content: bytes) -> bytes:
    """Compress as pigz and others do, with the border inside the login."""
    middle = content.index(CANARY.encode()) + 3
    return gzip.compress(content[:middle]) + gzip.compress(content[middle:]) + b"\0" * 10


LAYERS = [
    layer("abc/layer.tar", bytes),
    layer("blobs/sha256/abc", bytes),
    layer("blobs/sha256/abc", gzip.compress),
    layer("blobs/sha256/abc", in_two_members),
]


@pytest.mark.parametrize("leak", [in_history, in_settings, *LAYERS])
def test_an_image_with_the_index_s_login_is_removed(leak: Callable[[FakeApi], None]) -> None:
    """History, settings and layers are searched, compressed or not, and across pieces.

    Docker's own store exports plain layers, a containerd store gzip in OCI's layout (28.5.2).
    """
    spec = replace(SPEC, index_url=f"https://{LEAK}@x.example/")
    clean, leaky = FakeApi(), FakeApi()
    with_docker(clean).builder.build(spec, nothing)
    assert not clean.named("remove_image")
    leak(leaky)
    error = build_fails(leaky, spec)
    assert error.code == "MLD307"
    assert CANARY not in f"{error.message}{error.hint}"
    assert leaky.named("remove_image") == [SPEC.local_tag]


def test_an_image_that_a_killed_build_left_is_searched_too() -> None:
    """It is there, so nothing is built; whether it was searched nobody knows."""
    api = FakeApi()
    api.there = True
    layer("blobs/sha256/abc", gzip.compress)(api)
    error = build_fails(api, replace(SPEC, index_url=f"https://{LEAK}@x.example/"))
    assert (error.code, api.named("build")) == ("MLD307", [])


def test_a_layer_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has zstd from 3.14 on; without it nobody claims to have searched."""
    monkeypatch.setitem(sys.modules, "compression", None)
    api, events = FakeApi(), list[Event]()
    api.layers = [tar_of({"blobs/sha256/0123456789abcdef": b"\x28\xb5\x2f\xfd rest"})]
    spec = replace(SPEC, index_url=f"https://{LEAK}@x.example/")
    with_docker(api).builder.build(spec, events.append)
    (note,) = [event for event in events if isinstance(event, Note)]
    assert note.level == "warning"
    assert "0123456789ab " in note.text
    assert "zstd" in note.text


@pytest.mark.parametrize(
    "export", [b"no tar at all", tar_of({"a": b"x" * 2000})[:1500], gzip_cut()]
)
def test_an_export_that_cannot_be_read_is_no_clean_image(export: bytes) -> None:
    """MLD315: an image that nobody could search isn't called clean."""
    api = FakeApi()
    api.layers = [export]
    error = build_fails(api, replace(SPEC, index_url=f"https://{LEAK}@x.example/"))
    assert error.code == "MLD315"
    assert not api.named("start")
