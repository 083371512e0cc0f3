"""`python openmp.py FOLDER`: give libgomp its plain name, under which LightGBM wants it.

AWS's base images have no libgomp.so.1. scikit-learn's and XGBoost's wheels bring one each, named
with a hash that only they know. Lambda looks for libraries in /var/task/lib, after the system's own
folders (developer guide, "Defined runtime environment variables", LD_LIBRARY_PATH).
"""

import sys
from pathlib import Path


def main(task: Path) -> None:
    """Link the first that there is; equal requirements get an equal link."""
    found = sorted(task.glob("*.libs/libgomp-*.so*"))
    link = task / "lib" / "libgomp.so.1"
    if found and not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(Path("..") / found[0].relative_to(task))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
