"""A distribution that came from a folder, an archive or VCS isn't replaced by its namesake."""

import json
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.needs.installed import names_by_module
from mldeploy.model.needs.requirements import (
    distributions_of,
    imported_by,
    owners_of_modules,
    pinned,
)
from mldeploy.model.needs.sources import editable_below, require_from_index


def install(
    site: Path,
    name: str,
    *files: str,
    requires: str = "",
    installer: str = "pip",
    url: dict[str, Any] | None = None,
) -> None:
    """Write what an installer leaves of a distribution."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    (info / "INSTALLER").write_text(f"{installer}\n")
    (info / "RECORD").write_text("".join(f"{one},,\n" for one in files))
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("")
    if url is not None:
        (info / "direct_url.json").write_text(json.dumps(url))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


LOGIN = "https://reader:hunter2secret@git.example/forks/aa.git?token=hunter2secret"
SOURCES = {
    "a folder (/tmp/fork)": {"url": "file:///tmp/fork", "dir_info": {}},
    "an editable install (/tmp/my fork)": {
        "url": "file:///tmp/my%20fork",
        "dir_info": {"editable": True},
    },
    "an archive (/tmp/aa-1.0.whl)": {"url": "file:///tmp/aa-1.0.whl", "archive_info": {}},
    "git (https://git.example/forks/aa.git)": {"url": LOGIN, "vcs_info": {"vcs": "git"}},
}


@pytest.mark.parametrize("words", SOURCES)
def test_what_no_index_gave_is_refused(site: Path, words: str) -> None:
    """MLD232 names it and where it came from, without logins; also as a need of another."""
    install(site, "aa-fork", "aa_fork.py", url=SOURCES[words])
    install(site, "aa-user", "aa_user.py", requires="aa-fork")
    with pytest.raises(MldeployError) as raised:
        require_from_index(distributions_of(["aa_user"], root=site.parent / "project"))
    error = raised.value
    assert error.code == "MLD232"
    assert f"aa-fork was installed from {words}" in error.message
    assert "publish aa-fork to the index" in error.hint
    assert "hunter2secret" not in f"{error.message}{error.hint}{error.details}"


def test_a_wheel_with_an_address_can_be_stated(site: Path) -> None:
    """The hint gives the line, and the line is taken and locked as it is."""
    address = "https://wheels.example/aa_fork-1.0-py3-none-any.whl"
    install(site, "aa-fork", "aa_fork.py", url={"url": address, "archive_info": {}})
    with pytest.raises(MldeployError) as raised:
        require_from_index(["aa-fork"], ["aa-fork==1.0"])
    assert f'requirements = ["aa-fork @ {address}#sha256=…"]' in raised.value.hint
    line = f"aa-fork @ {address}#sha256={'0' * 64}"
    require_from_index(["aa-fork"], [line])
    assert pinned(["aa-fork"], [line]) == (line,)


def test_conda_and_indexes_are_no_sources(site: Path) -> None:
    """A conda package keeps the folder that it was built in."""
    install(site, "aa-conda", url=SOURCES["a folder (/tmp/fork)"], installer="conda")
    install(site, "aa-plain")
    require_from_index(["aa-conda", "aa-plain", "not-installed"])


def test_an_editable_install_below_the_project_is_local(site: Path, tmp_path: Path) -> None:
    """It is no requirement itself; what it declares to need is one."""
    project = tmp_path / "project"
    source = project / "src"
    (source / "aa_mine").mkdir(parents=True)
    (source / "aa_mine/__init__.py").write_text("")
    url = {"url": f"file://{project}", "dir_info": {"editable": True}}
    install(site, "aa.mine", "__editable__.aa_mine.pth", requires="aa-need", url=url)
    install(site, "aa-need", "aa_need.py")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(source))
        assert distributions_of(["aa_mine.steps"], root=project) == ["aa-need"]
    assert editable_below(project) == {"aa-mine": project}
    assert "aa-mine" not in editable_below(tmp_path / "elsewhere")


def test_of_a_shared_namespace_only_the_holder_is_needed(site: Path) -> None:
    """The module's file says which; the namespace alone means all of them."""
    install(site, "aa.ns.one", "aa_ns/one/__init__.py", "aa_ns/one/x.py")
    install(site, "aa-ns-two", "aa_ns/two.py")
    assert distributions_of(["aa_ns.one.x"]) == ["aa-ns-one"]
    assert distributions_of(["aa_ns.two"]) == ["aa-ns-two"]
    assert distributions_of(["aa_ns.two.Name"]) == ["aa-ns-two"]
    assert distributions_of(["aa_ns"]) == ["aa-ns-one", "aa-ns-two"]


def test_damaged_distributions_are_left_out(site: Path) -> None:
    """What pip removes is called "~umpy" meanwhile; others have lost their METADATA."""
    install(site, "~aa", "aa_left.py")
    install(site, "aa-lost", "aa_lost.py")
    (site / "aa_lost-1.0.dist-info/METADATA").unlink()
    assert distributions_of(["aa_left", "aa_lost"]) == []


def test_what_is_installed_meanwhile_is_seen(site: Path) -> None:
    """The cache of modules' owners is as new as the folders of sys.path."""
    assert "aa_new" not in owners_of_modules()
    install(site, "aa-new", "aa_new.py")
    assert owners_of_modules()["aa_new"] == ["aa-new"]


def test_the_modules_of_all_that_is_installed_are_known() -> None:
    """What the standard library finds, file by file, is what the lists of files say."""
    found = names_by_module()
    for module, names in packages_distributions().items():
        assert sorted(map(str, found[module])) == sorted(map(str, names)), module


def test_imports_are_read_with_their_dots(tmp_path: Path) -> None:
    """Relative ones are the file's own package's; nonsense imports nothing."""
    (tmp_path / "a.py").write_text(
        "import x.y\nfrom z import w\nfrom . import b\nfrom ..c import d"
    )
    (tmp_path / "bad.py").write_text("import )")
    assert imported_by([tmp_path / "a.py", tmp_path / "bad.py"]) == {"x.y", "z", "z.w"}
