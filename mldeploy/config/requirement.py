"""What a requirement may be: a name and its versions, or the address of one exact wheel."""

import re

_WHEEL = re.compile(r"https://[^\s#]+\.whl#sha256=[0-9a-f]{64}", re.ASCII)


def problem_of(line: str) -> str:
    """Return what a requirement must be and isn't, or "".

    pip would take options after it, such as an index; and of anything but a wheel it runs the
    code that builds it, on this machine, before anybody sees what it holds.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(line)
    except InvalidRequirement:
        return "must be one requirement as pip writes it, such as pandas==2.3.3 (no options)"
    if found.url and not _WHEEL.fullmatch(found.url):
        return "must name a wheel and its hash where it has an address: https://….whl#sha256=…"
    return ""
