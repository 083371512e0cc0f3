"""Reads pip's report of wheels: their hashes and URLs."""

import json
from pathlib import Path
from typing import Any

from mldeploy.config.requirement import canonical_name
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.text.addresses import unprotected_host
from mldeploy.text.digests import is_sha256


def hashes_in(report: Path, *, insecure: bool) -> dict[str, str]:
    """Return the SHA-256 of each wheel by the distribution's normalized name.

    Wheels without a SHA-256 in the index and the report are omitted.
    Source: https://pip.pypa.io/en/stable/reference/installation-report/

    Args:
        report: the file that `pip install --report` wrote.
        insecure: whether wheels may be downloaded over http.

    Raises:
            MldeployError: MLD329 if a wheel would be downloaded over http.
    """
    content = json.loads(report.read_text(encoding="utf-8"))
    found = {}
    for one in content["install"]:
        name = canonical_name(one["metadata"]["name"])
        info: dict[str, Any] = one["download_info"]
        host = unprotected_host(info["url"])
        if host and not insecure:
            raise unprotected(f"the wheel of {name} would come", host)
        sha256 = str(info.get("archive_info", {}).get("hashes", {}).get("sha256", ""))
        if is_sha256(sha256):
            found[name] = sha256
    return found


def unprotected(what: str, host: str) -> MldeployError:
    """Return the error of what would come over http, such as "the wheel of joblib would come"."""
    return MldeployError(
        "MLD329",
        f"{what} over http from {host}: anyone on the network could replace packages",
        "use an https:// index (pip's configuration and PIP_* variables count, too), or write "
        "insecure_index = true in [image]",
        exit_code=ExitCode.FAILURE,
    )
