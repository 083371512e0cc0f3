"""Looking: what is in AWS of the resources that are desired. Nothing is changed here."""

from collections.abc import Callable, Iterable

from mldeploy.resources.base import Key, Reads, Resource, key

Observed = dict[Key, Resource]

_WORKERS = 8


def observe(
    resources: Iterable[Resource],
    reads: Reads,
    find_more: Callable[[], Iterable[Resource]] = tuple,
) -> Observed:
    """Look at each resource in AWS, in parallel.

    Args:
        resources: what to look at.
        reads: how.
        find_more: tells what else to look at; it runs beside the first looks.

    Raises:
        MldeployError: MLD410 where one of them is somebody else's.
        Exception: botocore's, where a read fails.
    """
    with reads.workers(_WORKERS) as pool:
        more = pool.submit(find_more)
        looks = [pool.submit(one.observe, reads) for one in resources]
        looks += [pool.submit(one.observe, reads) for one in more.result()]
        found = [look.result() for look in looks]
    return {key(one): one for one in found if one is not None}
