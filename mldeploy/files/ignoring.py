"""What `.dockerignore` leaves out, by Docker's own rules."""

from collections.abc import Callable, Iterable


def ignored_by(lines: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a path is left out.

    Args:
        lines: of a `.dockerignore`; paths are relative to its folder.
    """
    from docker.utils.build import PatternMatcher

    patterns = [line.strip() for line in lines]
    matcher = PatternMatcher([one for one in patterns if one and not one.startswith("#")])
    return lambda path: bool(matcher.matches(path))
