"""Text of results on this machine, and of single calls."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mldeploy.facts.prices import price_list
from mldeploy.render.predictions import predictions_table
from mldeploy.render.words import Rows, Words, size
from mldeploy.text.data import as_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mldeploy.embedded.described import RunningCloud, StoppedCloud
    from mldeploy.files.leftover import Cleaned, Leftover
    from mldeploy.images.produced import ColdStartReport
    from mldeploy.invoke.clients.making import GeneratedClient
    from mldeploy.invoke.invocation import Invocation
    from mldeploy.invoke.page import Page
    from mldeploy.local.samples import EventFiles, SampleEvents
    from mldeploy.local.served import Served
    from mldeploy.project.scaffold import Scaffolded
    from mldeploy.resources.policy_document import PolicyDocument

_LONGEST_BODY = 400
_OF_THIS_MACHINE = (
    "Measured on this machine, not on Lambda. Compare only figures of the same machine."
)


def project_words(made: Scaffolded, folder: Path) -> Words:
    """Return the created files and the next steps. `folder`: as specified by the user."""
    return Words(str(made.path), tuple(_project_notes(made, folder)))


def _project_notes(made: Scaffolded, folder: Path) -> Iterator[str]:
    yield f"created: {', '.join(made.created)}"
    if made.kept:
        yield f"kept existing files: {', '.join(made.kept)}"
    if made.auth == "none":
        yield 'auth = "none": the endpoint will be PUBLIC'
    if made.auth == "iam":
        yield 'auth = "iam": `mldeploy invoke` signs its requests; other clients must sign theirs'
    yield from made.notes
    enter = "" if made.path == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    yield f"next: {enter}{made.first}, then mldeploy serve here, or mldeploy deploy"


def served_words(found: Served) -> Words:
    """Return the routes but HEAD's; on stdout the first function's URL."""
    rows: Rows = tuple(
        (name, f"{method} {url}") for name, method, url in found.routes if method != "HEAD"
    )
    unchecked = f'auth = "{found.auth}" isn\'t checked here: every request is accepted'
    return Words(
        found.functions[0].url,
        (
            rows,
            *((unchecked,) if found.auth != "none" else ()),
            "reloads when the model or the included code changes; Ctrl-C ends it",
        ),
    )


def event_words(found: SampleEvents) -> Words:
    """Return sample events as one JSON object."""
    return Words(json.dumps(found.events, indent=2, ensure_ascii=False))


def file_words(found: EventFiles) -> Words:
    """Return the paths of files."""
    return Words("\n".join(found.files))


def cloud_words(found: RunningCloud) -> Words:
    """Return the embedded AWS's description; on stdout its endpoint."""
    rows = (
        ("endpoint", found.endpoint),
        ("functions", f"run as {found.functions.plural}"),
        ("process", str(found.pid)),
        ("files", found.folder),
        ("credentials", found.credentials),
    )
    return Words(found.endpoint, (rows,))


def stopped_words(found: StoppedCloud) -> Words:
    """Return whether anything was stopped."""
    text = "Stopped the embedded AWS." if found.stopped else "The embedded AWS wasn't running."
    return Words(notes=(text,))


def leftover_words(found: Sequence[Leftover]) -> Words:
    """Return the leftovers that can be removed."""
    return Words(notes=(leftover_rows(found),))


def leftover_rows(found: Sequence[Leftover]) -> Rows:
    """Return leftovers with their sizes."""
    return tuple((one.kind, f"{one.name}  {size(one.size)}") for one in found)


def cleaned_words(found: Cleaned) -> Words:
    """Return what was removed, and what wasn't."""
    kept = [
        f"  kept {one.name}: it is in use, or can't be removed by this user" for one in found.kept
    ]
    removed = f"Removed {len(found.removed)} ({size(found.size)})."
    nothing = "Nothing to remove."
    return Words(notes=(*kept, removed if found.removed or found.kept else nothing))


def cold_start_words(found: ColdStartReport) -> Words:
    """Return the measurements and the ways to improve them, with prices; on stdout the median."""
    listed = price_list(found.region)
    source = f"the list prices of {listed.region} of {listed.month} ({listed.source})"
    return Words(
        f"{found.median:.3f} s",
        (
            _cold_start_rows(found),
            _OF_THIS_MACHINE,
            f"Suggestions, at {source}:",
            tuple(
                (one.name, f"{one.price:.2f} USD a {one.per}: {one.effect}")
                for one in found.options
            ),
        ),
    )


def _cold_start_rows(found: ColdStartReport) -> Rows:
    figures = found.measured
    runs = sorted(figures.runs)
    told = f"{found.median:.3f} s ({runs[0]:.3f} to {runs[-1]:.3f} s in {len(runs)} runs)"
    return (
        *((f"import {name}", f"{seconds * 1000:.0f} ms") for name, seconds in figures.packages),
        ("load the model", f"{figures.load * 1000:.0f} ms"),
        ("first prediction", f"{figures.first * 1000:.1f} ms"),
        ("warm prediction", f"{figures.warm * 1000:.2f} ms"),
        ("container start to first response", told),
    )


def call_words(done: Invocation, example: bytes = b"") -> Words:
    """Return a call's status and the function's log, without the response.

    Args:
        done: the call.
        example: the body, if it is the model's example, which the user hasn't seen.
    """
    sent = [f"sent the model's example: {_cut(example.decode())}"] if example else []
    head = f"{done.status} in {done.milliseconds:.0f} ms from {done.target}"
    return Words(notes=(*sent, head, *(f"  log: {line}" for line in done.log)))


def _cut(body: str) -> str:
    return body if len(body) <= _LONGEST_BODY else f"{body[:_LONGEST_BODY]}…"


def page_words(found: Page) -> Words:
    """Return the address of a page, and why a browser may not show it."""
    notes = []
    if not found.page:
        notes.append('there is no page: add "/" to `paths` of a function, and deploy')
    elif found.auth != "none":
        notes.append(
            f'auth = "{found.auth}": a browser gets a refusal; `mldeploy serve` shows the page here'
        )
    if found.opened is False:
        notes.append("no browser could be started; open the address yourself")
    return Words(found.url, tuple(notes))


def client_words(made: GeneratedClient) -> Words:
    """Return what made a client and of what; on stdout its folder."""
    rows = (("document", made.document), ("generator", made.generator))
    signed = (
        'auth = "iam": each request needs a signature of AWS (Signature Version 4, service '
        "execute-api); give the client's HTTP library something that signs"
    )
    return Words(made.path, (rows, *((signed,) if made.auth == "iam" else ())))


def answer_words(done: Invocation, *, table: bool = False) -> Words:
    """Return the body of a response; on a terminal, several predictions as a table."""
    return Words((table and predictions_table(done.content)) or _text(done.content))


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def document_words(found: PolicyDocument) -> Words:
    """Return a policy document in IAM's form."""
    return Words(json.dumps(as_data(found), indent=2))
