"""Build the documentation site into build/docs: `python -m tools.site`."""

import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import main as sphinx

from tools.site.pages import ROOT, stage

TARGET = ROOT / "build" / "docs"


def build(target: Path) -> int:
    """Build the site; return Sphinx's exit code, which isn't 0 if there was a warning.

    Args:
        target: the folder of the site; `target`-pages gets the pages that Sphinx read.
    """
    staged = target.with_name(f"{target.name}-pages")
    for folder in (target, staged):
        shutil.rmtree(folder, ignore_errors=True)
    stage(staged)
    options = ["-q", "-W", "--keep-going", "-n", "-E", "-d", f"{staged}/.doctrees", "-b", "html"]
    return int(sphinx([*options, "-c", str(Path(__file__).parent), str(staged), str(target)]))


if __name__ == "__main__":
    code = build(TARGET)
    if code == 0:
        print(f"file://{TARGET}/index.html")
    sys.exit(code)
