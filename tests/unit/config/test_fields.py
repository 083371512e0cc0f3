"""A setting is spelt once: an annotated field is a key, its check, its schema and its value."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from pydantic import ValidationError

from mldeploy.config.fields import Check, In, Reads, Spelt, Within, settings_of
from mldeploy.config.freeze import frozen
from mldeploy.config.tables import FROM_ENVIRON, table_of


def short(value: str) -> str:
    if len(value) > 3:
        raise ValueError("must be short")
    return value


@dataclass(frozen=True)
class Inner:
    """A table in it."""

    size: Annotated[int, "How large.", Within((1, 5), "cm")] = 2


@dataclass(frozen=True)
class Made:
    """A table that nobody has."""

    name: str
    word: Annotated[str, "A word.", Check(short)] = ""
    words: Annotated[tuple[Annotated[str, Check(short)], ...], "Words."] = ()
    kind: Annotated[Literal["a", "b"], "Which."] = "a"
    seconds: Annotated[
        int, "How long.", In("", "time"), Spelt(str, "1s", lambda x: int(x[:-1]))
    ] = 1
    either: Annotated[bool, "Yes or no.", Reads(lambda value, _info: value == "yes")] = False
    inner: Annotated[Inner | None, "More."] = None
    told: tuple[str, ...] = field(default=())


def read(values: dict[str, Any], context: str | None = None) -> Made:
    table = table_of(Made).model_validate(values, strict=context is None, context=context)
    return frozen(Made, table, name="x")


def problems(values: dict[str, Any]) -> list[tuple[tuple[Any, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        read(values)
    return [(one["loc"], one["msg"]) for one in caught.value.errors()]


def test_what_the_file_does_not_say_has_the_fields_default() -> None:
    """Those of the dataclass, which are written once."""
    assert read({}) == Made("x")


def test_each_key_is_the_fields_value() -> None:
    """Lists are tuples, tables are dataclasses, a text is what it stands for."""
    values = {
        "word": "a",
        "words": ["b", "c"],
        "kind": "b",
        "time": "7s",
        "either": "yes",
        "inner": {"size": 5},
    }
    assert read(values) == Made("x", "a", ("b", "c"), "b", 7, either=True, inner=Inner(5))


def test_a_variable_is_converted_and_its_list_split() -> None:
    """All that a variable has is text."""
    made = read({"words": "a, b", "inner": {"size": "3"}}, FROM_ENVIRON)
    assert (made.words, made.inner) == (("a", "b"), Inner(3))


def test_fields_without_a_description_are_no_keys() -> None:
    """Nobody sets them in a file."""
    assert [one.key for one in settings_of(Made)] == [
        *("word", "words", "kind", "time", "either", "inner")
    ]
    assert problems({"name": "y"})[0][0] == ("name",)


@pytest.mark.parametrize(
    ("values", "place", "message"),
    [
        ({"word": "long"}, ("word",), "must be short"),
        ({"words": ["a", "long"]}, ("words", 1), "must be short"),
        ({"words": "a"}, ("words",), "valid list"),
        ({"kind": "c"}, ("kind",), "'a' or 'b'"),
        ({"time": "s"}, ("time",), "invalid literal"),
        ({"inner": {"size": 6}}, ("inner", "size"), "must be 1 to 5 cm"),
        ({"inner": {"size": "2"}}, ("inner", "size"), "valid integer"),
        ({"inner": {"other": 1}}, ("inner", "other"), "not permitted"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(
    values: dict[str, Any], place: tuple[Any, ...], message: str
) -> None:
    """By the field's type or its checks."""
    ((found, text),) = problems(values)
    assert found == place
    assert message in text


def test_the_schema_says_what_the_fields_say() -> None:
    """Description, default, bounds."""
    schema = table_of(Made).model_json_schema()
    assert schema["properties"]["words"]["description"] == "Words."
    assert schema["properties"]["time"]["default"] == "1s"
    size = schema["$defs"]["InnerTable"]["properties"]["size"]
    assert (size["default"], size["minimum"], size["maximum"]) == (2, 1, 5)
