"""Texts that a terminal shows and doesn't obey."""

import json

import pytest

from mldeploy.text.visible import is_plain_name, visible, visible_json, visible_name

# Clears the screen; sets the title; the same begun with one character; turns the direction;
# begins a line anew; ends one for some; a byte that isn't UTF-8, as Python reads file names; what
# shows nothing.
HOSTILE = [
    ("\x1b[2J", "\\x1b[2J"),
    ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
    ("\x9b2J", "\\x9b2J"),
    ("\u202egnp.exe", "\\u202egnp.exe"),
    ("safe\rerror", "safe\\rerror"),
    ("a\u2028b", "a\\u2028b"),
    ("\udcff", "\\xff"),
    ("\ud800", "\\ud800"),
    ("\x7f\x00", "\\x7f\\x00"),
    ("\ufeffiris", "\\ufeffiris"),
    ("ir\u200bis", "ir\\u200bis"),
    ("iris\U000e0064\U000e0065", "iris\\U000e0064\\U000e0065"),  # tags: a hidden "de"
    ("\u3164\xad", "\\u3164\\xad"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_what_acts_on_a_terminal_is_shown(text: str, shown: str) -> None:
    """As Python writes it, in texts and in names."""
    assert visible(text) == visible_name(text) == shown


def test_ordinary_texts_stay() -> None:
    """Letters of any script, emoji of several characters, lines, tabs; Windows' lines end once."""
    for text in ("ünï ₁ шрифт 模型 [red]m[/red] 👩‍🔬", "a\n\tb"):
        assert visible(text) == text
    assert visible("a\r\nb") == "a\nb"


def test_a_name_has_one_line() -> None:
    """What follows a line break in a name would look like a line of ours."""
    assert visible_name("a\nerror[MLD999]: forged\t") == "a\\nerror[MLD999]: forged\\t"


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE])
def test_json_says_the_same_in_other_characters(text: str) -> None:
    """Nothing is lost for a program that parses it."""
    written = visible_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(written) == {text: [text]}
    assert written == visible(written)
    written.encode()


def test_names_that_an_image_can_t_have_are_told() -> None:
    """Control characters, and bytes that aren't UTF-8; any other name is a name."""
    assert not any(map(is_plain_name, ("a\nb", "a\tb", "\x1b", "\x85", "\udcff")))
    assert all(map(is_plain_name, ("-rf", "ünï.txt", "3.14.15\u202fPM.png", "x" * 255)))
