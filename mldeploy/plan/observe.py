"""Reads resources in AWS. Nothing is changed here."""

from collections.abc import Callable, Iterable

from mldeploy.resources.base import Key, Reads, Resource, key

Observed = dict[Key, Resource]

_WORKERS = 8


def observe(
    resources: Iterable[Resource],
    reads: Reads,
    find_more: Callable[[], Iterable[Resource]] = tuple,
) -> Observed:
    """Read each resource in AWS, in parallel.

    Args:
        resources: to read.
        reads: of AWS.
        find_more: returns further resources to read; runs in parallel with the first reads.

    Raises:
        MldeployError: MLD410 if one of them isn't managed by this project.
        Exception: botocore's, if a read fails.
    """
    with reads.workers(_WORKERS) as pool:
        more = pool.submit(find_more)
        looks = [pool.submit(one.observe, reads) for one in resources]
        looks += [pool.submit(one.observe, reads) for one in more.result()]
        found = [look.result() for look in looks]
    return {key(one): one for one in found if one is not None}
