"""Renders text for people: prose and progress on stderr, the result on stdout."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mldeploy.errors import ExitCode
from mldeploy.events import Event, Failed, Finished, Note, Progress, Started, Waiting
from mldeploy.render.next_steps import next_after
from mldeploy.render.plans import meaning_lines, where_rows
from mldeploy.render.words import PUBLIC, counted, described, size
from mldeploy.text.redact import redact
from mldeploy.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mldeploy.errors import MldeployError
    from mldeploy.monitoring.results import Planned
    from mldeploy.plan.consequences import Consequences
    from mldeploy.plan.planned import PlannedChange
    from mldeploy.render.words import Rows, Words

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}
_QUIET_SECONDS = 15.0
"""Seconds after which the same wait is reported again without a terminal."""


def plain_console(**where: Any) -> Any:
    """Return rich's console without markup, for text that may come from elsewhere.

    Args:
        where: it prints; options of `rich.console.Console`.
    """
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, **where)


class Human:
    """Renders for people; with a terminal on stderr, the current step is animated."""

    def __init__(self, *, debug: bool = False, options: dict[str, str] | None = None) -> None:
        self._debug = debug
        self._options = options or {}
        self._said: dict[str, float] = {}
        self.phases: dict[str, float] = {}
        self._moving: Any = None

    @cached_property
    def _console(self) -> Any:
        return plain_console(stderr=True)

    @property
    def interactive(self) -> bool:
        """Whether it can ask questions."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Print a line of prose."""
        self._line(text)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(visible(redact(text)), style=style or None)

    def on_event(self, event: Event) -> None:
        """Show a step that starts, progresses, waits or ends."""
        match event:
            case Started(step):
                self._move(step)
            case Progress(step, text, current, total, unit):
                self._progress(step, text + _amount(current, total, unit))
            case Waiting(step, reason, seconds):
                self._wait(step, reason, seconds)
            case Finished(step, seconds, text):
                self._stop()
                self.phases[step] = self.phases.get(step, 0.0) + seconds
                self._line(f"  ✓ {step}  {seconds:.1f} s{'  ' + text if text else ''}")
            case Failed(step, reason):
                self._stop()
                self._line(f"  ✗ {step}" + (f": {reason}" if self._debug else ""), "red")
            case Note(text, level):
                self._line(f"  {level}: {text}", "yellow" if level == "warning" else "")

    def _move(self, text: str) -> None:
        """Show a spinner on a terminal; elsewhere only the finished line is printed."""
        if not self._console.is_terminal:
            return
        if self._moving is None:
            self._moving = self._console.status("")
            self._moving.start()
        from rich.text import Text

        self._moving.update(Text(visible(redact(text))))

    def _progress(self, step: str, text: str) -> None:
        if self._console.is_terminal:
            self._move(f"{step}: {text}")
        elif self._debug:
            self._line(f"    {step}: {text}")

    def _wait(self, step: str, reason: str, seconds: float) -> None:
        self._move(f"{step}: waiting {seconds:.0f} s: {reason}")
        last = self._said.get(reason)
        if not self._console.is_terminal and (last is None or seconds - last >= _QUIET_SECONDS):
            self._said[reason] = seconds
            self._line(f"    {step}: waiting ({seconds:.0f} s): {reason}")

    def _stop(self) -> None:
        if self._moving is not None:
            self._moving.stop()
            self._moving = None

    def show(self, words: Words) -> None:
        """Show the notes."""
        for note in words.notes:
            if isinstance(note, str):
                self.say(note)
            else:
                self._table(note)

    def result(self, result: object, words: Words) -> None:
        """Show the notes, write the text to stdout, and name the next command."""
        self.show(words)
        self._stop()
        if words.text:
            sys.stdout.write(visible(words.text) + "\n")
            sys.stdout.flush()
        if following := next_after(result, self._options):
            self._line(f"next: {following}", "dim")

    def show_plan(self, planned: Planned, meaning: Consequences | None = None) -> None:
        """Show the place, the changes field by field, and their consequences."""
        self._stop()
        self._table(where_rows(planned.where))
        for change in planned.changes:
            self._show_change(change)
        for text, warning in meaning_lines(meaning):
            self._line(f"  {text}", "bold yellow" if warning else "")
        if planned.public:
            self._line(f"  {PUBLIC}", "bold yellow")
        self._line(counted(planned.changes))

    def _show_change(self, change: PlannedChange) -> None:
        sign, colour = _SIGNS[change.action]
        self._line(f"  {sign} {change.kind} {change.name}", colour)
        for one in change.differences:
            self._line(f"      {described(one)}", "yellow" if one.risk else "")

    def _table(self, rows: Rows) -> None:
        width = max((len(label) for label, _ in rows), default=0)
        for label, value in rows:
            self._line(f"  {label:<{width}}  {value}")

    def ask(self, question: str, default: str) -> str:
        """Prompt on stderr, so that stdout contains only the result."""
        self._stop()
        suffix = f" [{default}]" if default else ""
        self._console.print(visible(f"{question}{suffix}: "), end="")
        answer = sys.stdin.readline()
        if not answer:
            raise KeyboardInterrupt
        return answer.strip() or default

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Prompt until the answer is one of the choices."""
        while True:
            answer = self.ask(f"{question} ({'/'.join(choices)})", default)
            if answer in choices:
                return answer
            self._line(f"please enter one of: {', '.join(choices)}")

    def confirm(self, question: str) -> bool:
        """Prompt for yes or no."""
        return self.ask(f"{question} (y/N)", "").lower() in {"y", "yes"}

    def error(self, error: MldeployError) -> None:
        """Print what happened, why, and what to do next."""
        self._stop()
        if error.exit_code == ExitCode.INTERRUPTED and not error.hint:
            self._line(error.message)  # Ctrl-C is how this command is meant to end
            return
        self._line(f"error[{error.code}]: {error.message}", "red")
        for label, text in error.details:
            self._line(f"  {label}: {text}")
        if error.hint:
            self._line(f"  fix: {error.hint}")
        from mldeploy.files.manual import has_page

        if has_page(error.code):
            self._line(f"  more: mldeploy explain {error.code}")

    def close(self) -> None:
        """End the spinner."""
        self._stop()


def _amount(current: int | None, total: int | None, unit: str) -> str:
    if current is None:
        return ""
    if unit != "bytes":
        return f" {current}/{total} {unit}" if total else f" {current} {unit}"
    # Docker counts uncompressed bytes, and `current` can pass `total`.
    return f" {size(current)}" + (f" of {size(max(current, total))}" if total else "")
