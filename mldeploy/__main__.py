"""The entry point. `--help` and `--version` are answered here, before anything is imported."""

import signal
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"], ["-h"], ["help"]):
        from mldeploy.cli.commands import overview

        sys.stdout.write(overview())
        return 0
    if arguments in (["--version"], ["version"]):
        from mldeploy import __version__

        sys.stdout.write(f"mldeploy {__version__}\n")
        return 0
    # What ends a CI job is heard like Ctrl-C: nothing that was begun here may outlive it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from mldeploy.cli.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
