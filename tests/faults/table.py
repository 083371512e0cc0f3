"""The table that `make faults` prints."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.jobs import Job
from tests.faults.trial import Result

_KINDS = ("crash", "lost answer", "abandoned", "storm", "double", "rivals", "equal rivals", "kill")
_HEAD = ("operation", "calls", *_KINDS, "runs", "failures")


@dataclass
class Table:
    """Counts trials by operation and kind.

    Attributes:
        names: of the operations, in order.
        calls: AWS calls of each, undisturbed.
        trials: by operation and kind.
        runs: commands that were run, by operation.
        failures: what was wrong, with the trial.
    """

    names: list[str]
    calls: dict[str, int] = field(default_factory=dict)
    trials: Counter[tuple[str, str]] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Job, tuple[str, ...]]] = field(default_factory=list)

    def add(self, job: Job, result: Result) -> None:
        """Count a trial."""
        self.trials[job.operation, job.kind] += 1
        self.runs[job.operation] += result.runs
        if result.problems:
            self.failures.append((job, result.problems))

    def __str__(self) -> str:
        rows = [_HEAD, *(self._row(name) for name in self.names)]
        total = ("all", *(str(sum(int(row[n]) for row in rows[1:])) for n in range(1, len(_HEAD))))
        rows.append(total)
        wide = [max(len(row[n]) for row in rows) for n in range(len(_HEAD))]
        lines = [
            "  ".join(
                cell.rjust(size) if n else cell.ljust(size)
                for n, (cell, size) in enumerate(zip(row, wide, strict=True))
            )
            for row in rows
        ]
        for job, problems in self.failures:
            lines += ["", job.line, *(f"    {one}" for one in problems)]
        return "\n".join(lines) + "\n"

    def _row(self, name: str) -> tuple[str, ...]:
        failed = sum(job.operation == name for job, _ in self.failures)
        counts = [self.trials[name, kind] for kind in _KINDS]
        numbers = (self.calls.get(name, 0), *counts, self.runs[name], failed)
        return name, *map(str, numbers)
