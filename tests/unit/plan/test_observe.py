"""Looking at AWS can't change it: `observe` gets reads, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mldeploy.plan.observe import observe
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.log_group import LogGroup
from tests.strict.aws import StrictAws
from tests.support.stacks import context


@pytest.fixture
def where(aws: StrictAws) -> Context:
    aws.least.held = False
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/f")
    aws.reset_calls()
    return context(aws.put_image)


def by_client(reads: Reads) -> None:
    """Reach for the clients; mypy fails here if there are any: the comment is unused then."""
    reads.clients.logs.delete_log_group(logGroupName="/aws/lambda/f")  # type: ignore[attr-defined]


def by_read(reads: Reads) -> None:
    """Pass a write off as a read."""
    reads.read("logs", "delete_log_group", logGroupName="/aws/lambda/f")


def by_reads_together(reads: Reads) -> None:
    """Do the same in another thread."""
    reads.read_together(("logs", "delete_log_group", {"logGroupName": "/aws/lambda/f"}))


@dataclass(frozen=True)
class Meddling(LogGroup):
    """A resource whose look does something else than looking."""

    look: Callable[[Reads], None] = print

    def observe(self, reads: Reads) -> None:
        self.look(reads)


def meddling(look: Callable[[Reads], None], *names: str) -> list[LogGroup]:
    return [Meddling(name, look=look) for name in names]


@pytest.mark.parametrize(
    ("look", "error"),
    [(by_client, AttributeError), (by_read, TypeError), (by_reads_together, TypeError)],
)
def test_a_look_that_writes_raises(
    aws: StrictAws, where: Context, look: Callable[[Reads], None], error: type[Exception]
) -> None:
    """The write doesn't reach AWS."""
    with pytest.raises(error):
        observe(meddling(look, "f"), where.reads)
    assert aws.calls == []


def test_two_that_look_at_the_same_ask_once(aws: StrictAws, where: Context) -> None:
    """All that look share one observation, until a write makes its answer untrue."""

    def look(reads: Reads) -> None:
        reads.read("logs", "describe_log_groups")

    both = meddling(look, "f", "g")
    observe(both, where.reads)
    observe(both, where.reads)
    assert [call.operation for call in aws.calls] == ["DescribeLogGroups"]
    where.clients.logs.delete_log_group(logGroupName="/aws/lambda/f")
    observe(both, where.reads)
    assert where.reads.read("logs", "describe_log_groups") == {"logGroups": []}
