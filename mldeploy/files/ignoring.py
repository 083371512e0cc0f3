"""Applies `.dockerignore` by Docker's rules."""

from collections.abc import Callable, Iterable


def ignored_by(lines: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that returns whether a path is ignored.

    Args:
        lines: of a `.dockerignore`; paths are relative to its folder.
    """
    from docker.utils.build import PatternMatcher

    patterns = [line.strip() for line in lines]
    matcher = PatternMatcher([one for one in patterns if one and not one.startswith("#")])
    return lambda path: bool(matcher.matches(path))
