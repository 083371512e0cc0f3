"""Texts as sparse tables of their words."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.scaling import Normalizer
from endpoint.compiled.sparse import Sparse, beside

_SPACES = re.compile(r"\s\s+")


class Analyzer:
    """Splits texts into words, or into sequences of words or of characters.

    Args:
        kind: "word", "char" or "char_wb".
        lengths: the shortest and the longest sequence.
        accents: "ascii" or "unicode" to take accents off, or None.
        stop_words: words that are left out.
        pattern: the regular expression of a word.
        lowercase: whether texts are made lowercase.
    """

    def __init__(  # noqa: PLR0913 - the arguments of the file
        self,
        kind: str,
        lengths: list[int],
        accents: str | None,
        stop_words: list[str],
        pattern: str,
        *,
        lowercase: bool,
    ) -> None:
        self._parts = _parts(kind, lengths, frozenset(stop_words), pattern)
        self._accents, self._lowercase = _ACCENTS[accents], lowercase

    def parts(self, text: Any) -> list[str]:
        """Return the parts of a text.

        Raises:
            TypeError: if it isn't a text.
        """
        if not isinstance(text, str):
            raise TypeError(f"expected a text, got {text!r}")
        return self._parts(self._accents(text.lower() if self._lowercase else text))


class CountVectorizer:
    """Counts the parts of texts.

    Args:
        known: the parts that are counted, in the order of the columns.
        analyzer: splits texts.
        dtype: of the counts.
        binary: whether 1 stands for every count.
    """

    def __init__(self, known: Any, analyzer: Analyzer, dtype: str, *, binary: bool) -> None:
        self._known = {part: number for number, part in enumerate(known.tolist())}
        self._analyzer, self._dtype, self._binary = analyzer, dtype, binary

    def transform(self, texts: Sequence[Any]) -> Sparse:
        """Return the counts of each text."""
        width, rows = len(self._known), len(texts)
        found = [self._columns(text) for text in texts]
        columns = np.concatenate([*found, np.zeros(0, np.int32)])
        # Small integers are sorted twice as fast.
        dtype = np.int32 if rows * width <= np.iinfo(np.int32).max else np.int64
        firsts = np.arange(rows, dtype=dtype) * width
        places = np.repeat(firsts, list(map(len, found))) + columns
        different, counts = np.unique(places[columns >= 0], return_counts=True)
        values = counts.astype(self._dtype)
        if self._binary:
            values.fill(1)
        starts = np.searchsorted(different, np.arange(rows + 1) * width)
        return Sparse(starts, different % width, values, width)

    def _columns(self, text: Any) -> Any:
        """Return the columns of a text's parts; -1 for a part that isn't counted."""
        parts = self._analyzer.parts(text)
        return np.fromiter(map(self._known.get, parts, repeat(-1)), np.int32, len(parts))


class TfidfTransformer:
    """Weighs counts by how rare their columns are.

    Args:
        weights: of each column, or None.
        norm: "l1" or "l2", or None.
        sublinear: whether 1 + log(count) replaces the count.
    """

    def __init__(self, weights: Any, norm: str | None, *, sublinear: bool) -> None:
        self._weights, self._sublinear = weights, sublinear
        self._normalizer = None if norm is None else Normalizer(norm)

    def transform(self, table: Any) -> Sparse:
        """Return the weighed table."""
        counts = table if isinstance(table, Sparse) else beside([numbers(table)])
        values = numbers(counts.values[None])[0].copy()
        if self._sublinear:
            np.log(values, values)
            values += 1.0
        if self._weights is not None:
            values *= self._weights[counts.columns]
        found = counts.with_values(values)
        return found if self._normalizer is None else self._normalizer.transform(found)


def _unicode_accents(text: str) -> str:
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFKD", text)
    return "".join(one for one in normal if not unicodedata.combining(one))


def _ascii_accents(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


_ACCENTS: dict[str | None, Callable[[str], str]] = {
    None: lambda text: text,
    "unicode": _unicode_accents,
    "ascii": _ascii_accents,
}


def _parts(
    kind: str, lengths: list[int], stop_words: frozenset[str], pattern: str
) -> Callable[[str], list[str]]:
    """Return the function that splits a text."""
    least, most = lengths
    if kind == "char":
        return lambda text: _sequences(_SPACES.sub(" ", text), least, most)
    if kind == "char_wb":
        return lambda text: _inside_words(_SPACES.sub(" ", text), least, most)
    find = re.compile(pattern).findall

    def words(text: str) -> list[str]:
        found = find(text)
        if stop_words:
            found = [word for word in found if word not in stop_words]
        return found if most == 1 else _of_words(found, least, most)

    return words


def _of_words(words: list[str], least: int, most: int) -> list[str]:
    """Return the sequences of words."""
    found = list(words) if least == 1 else []
    for length in range(max(least, 2), most + 1):
        found.extend(map(" ".join, zip(*(words[start:] for start in range(length)), strict=False)))
    return found


def _sequences(text: str, least: int, most: int) -> list[str]:
    """Return the sequences of characters."""
    return [
        text[start : start + length]
        for length in range(least, most + 1)
        for start in range(len(text) - length + 1)
    ]


def _inside_words(text: str, least: int, most: int) -> list[str]:
    """Return sequences of characters that don't cross a border between words."""
    found: list[str] = []
    for word in text.split():
        padded = f" {word} "
        size = len(padded)
        found += [
            padded[start : start + length]
            for length in range(least, min(most, size - 1) + 1)
            for start in range(size - length + 1)
        ]
        if most >= size:
            # A word that isn't longer than a sequence counts once.
            found.append(padded)
    return found
