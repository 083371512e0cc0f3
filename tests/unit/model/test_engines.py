"""Engines that train models, as far as none has to run: tests/engines has real ones."""

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from mldeploy.config.engine import Engine, engine_of
from mldeploy.errors import MldeployError
from mldeploy.model.engines.sending import SHARED, pickled, zipped
from mldeploy.model.engines.training_on import TrainingOn, warning_of
from mldeploy.model.engines.useless import why_useless
from mldeploy.model.engines.worker import run
from mldeploy.model.needs.canonical import CanonicalPickler
from mldeploy.model.user_module import data_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("local", None),
        ("dask://a.b:8786", Engine("dask://a.b:8786", "dask", "a.b", 8786)),
        ("tls://a.b:8786", Engine("tls://a.b:8786", "dask", "a.b", 8786, tls=True)),
        ("ray://[::1]:10001", Engine("ray://[::1]:10001", "ray", "::1", 10001)),
    ],
)
def test_addresses(text: str, expected: Engine | None) -> None:
    """Each names the library that it needs."""
    assert engine_of(text) == expected


@pytest.mark.parametrize("text", ["", "dask", "dask://host", "tcp://a:1", "ray://a:0", "ray://a:x"])
def test_what_is_no_address(text: str) -> None:
    """A port is never guessed."""
    with pytest.raises(ValueError, match="dask://HOST:PORT"):
        engine_of(text)


@pytest.mark.parametrize(
    ("address", "environ", "warned"),
    [
        ("dask://10.0.0.5:8786", {}, True),
        ("ray://cluster:10001", {}, True),
        ("dask://127.0.0.9:8786", {}, False),
        ("dask://localhost:8786", {}, False),
        ("ray://[::1]:10001", {}, False),
        ("tls://10.0.0.5:8786", {}, False),
        ("ray://cluster:10001", {"RAY_USE_TLS": "1"}, False),
        ("dask://10.0.0.5:8786", {"RAY_USE_TLS": "1"}, True),
    ],
)
def test_an_open_port_is_warned_of(address: str, environ: dict[str, str], warned: bool) -> None:  # noqa: FBT001 - a column of the table
    """Whoever reaches it can run code."""
    engine = engine_of(address)
    assert engine is not None
    note = warning_of(engine, environ)
    assert (note is not None) == warned
    assert note is None or "run code" in note.text


@pytest.mark.parametrize("library", ["dask", "ray"])
def test_a_missing_library_names_the_extra(library: str) -> None:
    """This environment has neither."""
    engine = engine_of(f"{library}://127.0.0.1:9")
    assert engine is not None
    with pytest.raises(MldeployError) as caught:
        TrainingOn(engine)
    assert (caught.value.code, caught.value.hint) == (
        "MLD250",
        f"pip install 'mldeploy[{library}]'",
    )


def test_what_leaves_an_engine_nothing_to_do() -> None:
    """Only the parameters that say so."""
    forest = RandomForestClassifier
    assert why_useless(forest()) == ""
    assert why_useless(forest(n_jobs=4)) == ""
    assert why_useless(OneVsRestClassifier(forest())) == ""
    assert why_useless(GridSearchCV(forest(n_jobs=1), {})) == ""
    assert "n_jobs=1 means" in why_useless(forest(n_jobs=1))
    assert "kneighborsclassifier__n_jobs=1" in why_useless(
        make_pipeline(KNeighborsClassifier(n_jobs=1))
    )
    assert "has no parameter n_jobs" in why_useless(HistGradientBoostingClassifier())


def written(value: Any) -> bytes:
    stream = io.BytesIO()
    CanonicalPickler(stream).dump(value)
    return stream.getvalue()


def apart(value: Any) -> Any:
    """Return an object as it arrives from another process."""
    return opened(pickle.dumps(value))


def opened(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301 - these tests wrote it


def test_a_digest_doesnt_depend_on_which_objects_are_the_same() -> None:
    """Parts that were fitted in other processes share nothing with one another."""
    x, y = load_iris(return_X_y=True)
    trees = BaggingClassifier(DecisionTreeClassifier(), 3, random_state=0)
    for model in (trees, OneVsRestClassifier(KNeighborsClassifier())):
        fitted = model.fit(x, y)
        here = written(fitted)
        fitted.estimators_ = [apart(one) for one in fitted.estimators_]
        joblib.dump(fitted, stream := io.BytesIO())
        assert stream.getvalue() != here
        assert written(fitted) == here
        found = joblib.load(io.BytesIO(here))
        assert np.array_equal(found.predict_proba(x), fitted.predict_proba(x))


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_a_digest_doesnt_depend_on_searches(algorithm: str) -> None:
    """The trees of neighbors count what they did, in several threads not exactly."""
    x, y = load_iris(return_X_y=True)
    fitted = KNeighborsClassifier(algorithm=algorithm).fit(x, y)
    before = written(fitted)
    expected = fitted.predict_proba(x)
    joblib.dump(fitted, stream := io.BytesIO())
    assert len(stream.getvalue()) >= len(before)
    assert stream.getvalue() != before
    assert written(fitted) == before
    assert np.array_equal(joblib.load(io.BytesIO(before)).predict_proba(x), expected)


def test_equal_values_of_other_types_stay_what_they_are() -> None:
    """1 == True == 1.0, and 0.0 == -0.0."""
    values = [
        ((1,), (True,), (1.0,), (np.int64(1),), (np.int32(1),), ("1",), (b"1",)),
        [(0.0,), (-0.0,), np.float64(0.0), np.float64(-0.0), np.float32(0.0), np.bool(0)],
        [np.dtype("f8"), np.dtype(">f8"), np.dtype("f4"), np.dtype([("a", "f8")]), np.dtype("O")],
        [np.dtype("f8", metadata={"unit": "m"}), np.str_("1"), np.datetime64(1, "s")],
        [np.datetime64(1, "ms"), (), ((), ()), ((1, 2), (1, 2.0)), (None,)],
    ]
    found = joblib.load(io.BytesIO(written(values)))
    assert repr(found) == repr(values)
    assert found[3][0].metadata == {"unit": "m"}


def test_calls_share_what_is_large(tmp_path: Path) -> None:
    """A worker gets each large object once for all calls of a batch, and never mldeploy."""
    (tmp_path / "sums.py").write_text("def total(x, n, more):\n    return x.sum() + n + more[0]\n")
    code = zipped({"sums.py": tmp_path / "sums.py"})
    run(code, pickled(0, [])[0])  # from here on, this process can import the module
    from sums import total  # type: ignore[import-not-found]

    large = np.ones(SHARED // 8)
    small = np.ones(3)
    call, parts = pickled(7, [(total, (large, n), {"more": small}) for n in range(3)])
    assert [one is large for one in parts] == [True]
    assert len(call) < SHARED
    ended, found, _ = opened(run(code, call, pickle.dumps(large)))
    assert (ended, found) == (True, [large.sum() + n + 1 for n in range(3)])


def test_a_calls_chance_depends_on_its_number_only() -> None:
    """Whichever worker runs it, and whatever it ran before."""
    call = pickled(5, [(np.random.random, (), {}), (np.random.random, (), {})])[0]
    state = np.random.get_state()[1].tolist()  # noqa: NPY002 - what random_state=None means
    first, second = (opened(run(zipped({}), call))[1] for _ in range(2))
    assert first == second
    assert first[0] != first[1]
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002 - the same


class OddError(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail(kind: Callable[..., Exception], *arguments: Any) -> None:
    raise kind(*arguments)


def test_an_error_on_a_worker_arrives() -> None:
    """As itself if it can be pickled, else as its text."""
    for items, kind, text in (
        ([(fail, (ValueError, "too few"), {})], ValueError, "too few"),
        ([(fail, (OddError, 1, 2), {})], RuntimeError, "OddError: 1 and 2"),
    ):
        ended, error, trace = opened(run(zipped({}), pickled(0, items)[0]))
        assert not ended
        assert (type(error), str(error)) == (kind, text)
        assert "in fail" in trace


def test_rows_that_are_elsewhere_are_refused() -> None:
    """A path, and data of an engine; training splits and proves with rows in its memory."""

    class Frame:
        columns = ("a", "b")

    Frame.__module__ = "dask.dataframe"

    class Module:
        found: Any = None

        @classmethod
        def data(cls) -> Any:
            return cls.found

    rows = [[1.0]] * 20
    for given, what, hint in (
        ((Frame(), [0, 1] * 10), "X is a dask Frame", "return X.compute()"),
        ((rows, Frame()), "y is a dask Frame", "return y.compute()"),
        ((Path("rows.parquet"), None), "X is a path", "read_parquet"),
        ("rows.parquet", "got a path", "explain training"),
    ):
        Module.found = given
        with pytest.raises(MldeployError, match=what) as caught:
            data_of(Module, Path("train.py"))
        assert caught.value.code == "MLD213"
        assert hint in caught.value.hint
