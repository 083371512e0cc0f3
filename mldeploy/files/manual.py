"""The pages of the documentation that the installation contains.

There is no public site: errors and hints name `mldeploy explain`, which prints them.
"""

import re
from dataclasses import dataclass
from functools import cache

from mldeploy.errors import ExitCode, MldeployError, exit_code_of
from mldeploy.files.shipped import shipped
from mldeploy.text.suggest import closest

PAGES = ("configuration", "importing", "requests", "secrets", "training")
"""Pages that hints name, beside that of the errors."""
_ROW = re.compile(r"^\| (MLD\d{3}) \| (.+) \|$", re.MULTILINE)
_SECTION = re.compile(r"^## (MLD\d{3}).*\n((?:(?!^## ).*\n?)*)", re.MULTILINE)
_OWN_CODE = re.compile(r"\(exit code (\d+)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_NEAR = 3


@dataclass(frozen=True)
class ErrorPage:
    """What an error code means.

    Attributes:
        code: such as "MLD402".
        meaning: in one sentence.
        exit_code: of the process.
        text: why it happens and what to do, in Markdown; "" if the error's own hint says all.
    """

    code: str
    meaning: str
    exit_code: int
    text: str


@dataclass(frozen=True)
class Explanation:
    """The result of `explain`.

    Attributes:
        errors: the codes that were asked for, or all.
        page: the text of a page of the documentation, in Markdown, or "".
    """

    errors: tuple[ErrorPage, ...]
    page: str = ""


@dataclass(frozen=True)
class Script:
    """The result of `completion`.

    Attributes:
        script: for the shell.
    """

    script: str


def explained(what: str) -> Explanation:
    """Return what a code means, or a page; all codes for "".

    Args:
        what: a code as "MLD402", "mld402" or "402", or the name of a page.

    Raises:
        MldeployError: MLD117 for a code or page that doesn't exist.
    """
    known = error_pages()
    if not what:
        return Explanation(tuple(known.values()))
    if what in PAGES:
        return Explanation((), _page(what))
    found = re.search(r"\d{3}", what)
    code = f"MLD{found[0]}" if found else ""
    if code in known:
        return Explanation((known[code],))
    raise MldeployError(
        "MLD117",
        f"there is no error code and no page {what!r}",
        _nearest(what, code, known),
    )


def _nearest(what: str, code: str, known: dict[str, ErrorPage]) -> str:
    if code:
        near = sorted(known, key=lambda one: abs(int(one[3:]) - int(code[3:])))[:_NEAR]
    else:
        page = closest(what, PAGES)
        if page:
            return f"did you mean `mldeploy explain {page}`?"
        near = [one.code for one in known.values() if what.lower() in one.meaning.lower()][:_NEAR]
    named = "; ".join(f"{one}: {known[one].meaning}" for one in sorted(near))
    return f"did you mean one of these? {named}" if near else "`mldeploy explain` lists all codes"


def has_page(code: str) -> bool:
    """Return whether there is more about a code than its meaning."""
    try:
        return bool(error_pages()[code].text)
    except (FileNotFoundError, KeyError):  # an incomplete installation still shows its errors
        return False


@cache
def error_pages() -> dict[str, ErrorPage]:
    """Return all codes of docs/errors.md, in its order.

    Raises:
        FileNotFoundError: the installation doesn't contain it.
    """
    text = _page("errors")
    more = {code: body.strip() for code, body in _SECTION.findall(text)}
    return {
        code: ErrorPage(code, meaning, _exit_code(code, meaning), more.get(code, ""))
        for code, meaning in _ROW.findall(_LINK.sub(r"\1", text))
    }


def _exit_code(code: str, meaning: str) -> int:
    found = _OWN_CODE.search(meaning)
    return ExitCode(int(found[1])) if found else exit_code_of(code)


def _page(name: str) -> str:
    return (shipped("docs") / f"{name}.md").read_text(encoding="utf-8")
