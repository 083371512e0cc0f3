"""Fifty concurrent clients of `mldeploy serve` for a minute, while the model is retrained."""

import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measure import machine, neutral_environment, run

EXAMPLE = Path(__file__).parents[1] / "examples" / "iris"
SECONDS = 60
CLIENTS = 50
# The API's throttle would reject most requests: 50 per second by default.
THROTTLE = "rate = 1000000\nburst = 1000000\n"
FLOWERS = {
    "setosa": [5.1, 3.5, 1.4, 0.2],
    "versicolor": [5.7, 2.8, 4.1, 1.3],
    "virginica": [6.5, 3.0, 5.8, 2.2],
}
"""Rows that all of these models predict as the same class."""
NEIGHBOURS = (7, 9)
"""Of the models that replace the first one."""
_PAUSE = 5
"""Seconds of load before each training."""
_RELOADED = "reloaded predict"
_MLDEPLOY = [sys.executable, "-m", "mldeploy"]


@dataclass
class Tally:
    """The results of the requests.

    Attributes:
        seconds: of each correct response.
        lost: other results, with their counts.
    """

    seconds: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Print rate, times and what was lost."""
    print(f"  {machine()}; {CLIENTS} clients with keep-alive for {SECONDS} s, one row a request")
    print("  and --environments as many; clients and server share the processors")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "iris"
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("model"))
        file = folder / "mldeploy.toml"
        file.write_text(file.read_text().replace('auth = "none"', f'auth = "none"\n{THROTTLE}'))
        run([*_MLDEPLOY, "train"], cwd=folder)
        _show(*_measured(folder))


def _measured(folder: Path) -> tuple[list[Tally], float, str]:
    """Return the tallies, their duration in seconds, and serve's stderr."""
    log = folder / "stderr.txt"
    options = ["--port", "0", "--environments", str(CLIENTS)]
    with log.open("w") as stderr:
        serve = subprocess.Popen(
            [*_MLDEPLOY, "serve", *options], cwd=folder, env=neutral_environment(),
            stdout=subprocess.PIPE, stderr=stderr, text=True,
        )  # fmt: skip
    try:
        port = urlsplit(serve.stdout.readline() if serve.stdout else "").port or 0
        began = time.monotonic()
        tallies = _load(port, folder, log)
        return tallies, time.monotonic() - began, log.read_text()
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.wait()


def _load(port: int, folder: Path, log: Path) -> list[Tally]:
    """Ask for SECONDS, and until the last model is served."""
    tallies, stop = [Tally() for _ in range(CLIENTS)], threading.Event()
    clients = [
        threading.Thread(target=_client, args=(port, number, stop, tally))
        for number, tally in enumerate(tallies)
    ]
    ends = time.monotonic() + SECONDS
    for client in clients:
        client.start()
    for number, neighbours in enumerate(NEIGHBOURS, start=1):
        time.sleep(_PAUSE)
        train = folder / "train.py"
        old, _, rest = train.read_text().partition("n_neighbors=")
        train.write_text(f"{old}n_neighbors={neighbours}{rest.lstrip('0123456789')}")
        run([*_MLDEPLOY, "train"], cwd=folder)
        while log.read_text().count(_RELOADED) < number:
            time.sleep(0.1)
    time.sleep(max(0.0, ends - time.monotonic()))
    stop.set()
    for client in clients:
        client.join()
    return tallies


def _client(port: int, number: int, stop: threading.Event, tally: Tally) -> None:
    """Ask for one flower after the other on one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    names = sorted(FLOWERS)
    while not stop.is_set():
        number += 1
        name = names[number % len(names)]
        began = time.monotonic()
        try:
            said = _answer(connection, FLOWERS[name])
        except (OSError, HTTPException) as error:
            connection.close()
            said = type(error).__name__
        if said == name:
            tally.seconds.append(time.monotonic() - began)
        else:
            tally.lost[said] += 1


def _answer(connection: HTTPConnection, row: list[float]) -> str:
    """Return the predicted class, or the status of an error."""
    body = json.dumps({"features": row})
    connection.request("POST", "/predict", body, {"content-type": "application/json"})
    reply = connection.getresponse()
    content = reply.read()
    if reply.status != 200:  # noqa: PLR2004 - HTTP OK
        return f"status {reply.status}"
    return str(json.loads(content)["prediction"]["class_name"])


def _show(tallies: list[Tally], seconds: float, log: str) -> None:
    times = sorted(one for tally in tallies for one in tally.seconds)
    lost = sum((tally.lost for tally in tallies), Counter())
    hundredths = statistics.quantiles(times, n=100)
    print(f"\n  answered  {len(times):,}, {len(times) / seconds:.0f} a second")
    print(f"  p50       {hundredths[49] * 1000:.0f} ms")
    print(f"  p99       {hundredths[98] * 1000:.0f} ms, the slowest {times[-1] * 1000:.0f} ms")
    print(f"  lost      {lost.total()} {dict(lost) or ''}")
    print(f"  models    {1 + log.count(_RELOADED)} one after the other")
    print(f"  started   {log.count('Init Duration')} environments")


if __name__ == "__main__":
    main()
