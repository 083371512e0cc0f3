"""Runs the benchmarks named on the command line, or all: `python -m benchmarks [NAME …]`."""

import importlib
import sys

NAMES = (
    "cli_start",
    "training",
    "observe",
    "noop_deploy",
    "many_functions",
    "rebuild",
    "direct",
    "endpoint_warm",
    "endpoint_cold",
    "serve_load",
    "compiled",
    "batch",
    "batch_cloud",
)


def main(names: list[str]) -> int:
    """Run them one after the other: they'd slow one another down side by side."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
        return 2
    for name in names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n== {name}: {(module.__doc__ or name).splitlines()[0]}\n")
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
