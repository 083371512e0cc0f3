"""`mldeploy cold-start` on a real engine."""

from pathlib import Path

from tests.e2e.conftest import Cli


def test_a_cold_start_is_measured_in_the_real_image(tmp_path: Path, cli: Cli) -> None:
    """Imports, load, predictions, and container start to first answer; with prices."""
    cli(tmp_path, "init", "iris-cold", "--yes", "--auth", "none").ok()
    folder = tmp_path / "iris-cold"
    cli(folder, "train").ok()
    ran = cli(folder, "cold-start", "--runs", "2", "-o", "json").ok()
    found = ran.json["result"]
    packages = [name for name, _ in found["packages"]]
    assert "numpy" in packages
    assert "sklearn" not in packages  # compiled
    assert len(found["runs"]) == 2
    assert 0 < found["warm"] <= found["first"] < min(found["runs"])
    assert found["load"] < min(found["runs"])
    assert {one["per"] for one in found["options"]} == {"month", "million warm requests"}
    assert "not on Lambda" in ran.err


def test_a_dead_engine_is_said(tmp_path: Path, cli: Cli) -> None:
    """Without an engine nothing is measured: exit 5."""
    cli(tmp_path, "init", "iris-cold", "--yes", "--auth", "none").ok()
    folder = tmp_path / "iris-cold"
    cli(folder, "train").ok()
    assert cli(folder, "cold-start", DOCKER_HOST="tcp://127.0.0.1:1").code == 5
