"""`python openmp.py FOLDER`: link libgomp under the name that LightGBM loads.

AWS's base images have no libgomp.so.1. The wheels of scikit-learn and XGBoost contain one each,
with a hash in its name. Lambda searches /var/task/lib for libraries, after the system's folders
(developer guide, "Defined runtime environment variables", LD_LIBRARY_PATH).
"""

import sys
from pathlib import Path


def main(task: Path) -> None:
    """Link the first libgomp by name, so that equal requirements get an equal link."""
    found = sorted(task.glob("*.libs/libgomp-*.so*"))
    link = task / "lib" / "libgomp.so.1"
    if found and not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(Path("..") / found[0].relative_to(task))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
