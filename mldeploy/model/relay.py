"""Events of a child process, one JSON object per line of a pipe."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TextIO

from mldeploy.events import Emit, Event, Failed, Finished, Note, Started

_KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Started, Finished, Failed, Note)}


def sender(stream: TextIO) -> Emit:
    """Return an `emit` that writes events to a stream."""

    def emit(event: Event) -> None:
        line = json.dumps([type(event).__name__, asdict(event)])
        stream.write(line + "\n")
        stream.flush()

    return emit


def relay(lines: Iterable[str], emit: Emit) -> None:
    """Emit each event of a stream, until it ends."""
    for line in lines:
        name, fields = json.loads(line)
        emit(_KINDS[name](**fields))
