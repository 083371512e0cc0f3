"""Whether an estimator leaves an engine anything to do."""

from typing import Any


def why_useless(estimator: Any) -> str:
    """Return why no task of a fit can run on an engine, or "" if some may.

    scikit-learn runs a fit's parts as joblib's tasks where a parameter `n_jobs` isn't 1; with an
    engine None means all of its cores (scikit-learn's glossary, "n_jobs").
    """
    try:
        parameters = estimator.get_params(deep=True)
    except Exception:  # noqa: BLE001 - a class of the user's own
        return ""
    jobs = {name: value for name, value in parameters.items() if _is_jobs(name)}
    if not jobs:
        return f"{type(estimator).__name__} has no parameter n_jobs"
    if all(value == 1 for value in jobs.values()):
        names = ", ".join(f"{name}=1" for name in sorted(jobs))
        return f"{names} means one job at a time; remove it, or set -1"
    return ""


def _is_jobs(name: str) -> bool:
    return name.rpartition("__")[2] == "n_jobs"
