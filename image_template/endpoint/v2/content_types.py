"""The content types of MLServer's codecs, which say what a tensor's values mean.

Source: https://github.com/SeldonIO/MLServer, mlserver/codecs (1.7.1)
"""

import base64
from collections.abc import Callable
from typing import Any

from endpoint.formats.json_body import parse
from endpoint.problem import ProblemError, cut, kind_of, shown

OF_REQUESTS = ("np", "pd", "str")
"""These say what the codec makes of all tensors, which the model's signature says here."""
_OF_TEXTS = ("base64", "datetime", "pd_json", "str")
OF_TENSORS = (*_OF_TEXTS[:2], "np", "pd", *_OF_TEXTS[2:])


def require_known(where: str, content_type: Any, known: tuple[str, ...]) -> None:
    """Refuse a content type that isn't known, because values could mean something else.

    Raises:
        ProblemError: 422; the message has the content type and the known ones.
    """
    if content_type not in known:
        got = repr(cut(content_type)) if isinstance(content_type, str) else kind_of(content_type)
        names = ", ".join(known)
        raise ProblemError(422, f'{where}: "content_type" must be one of {names}, got {got}')


def decoded(where: str, content_type: Any, datatype: str, values: list[Any]) -> list[Any]:
    """Return a tensor's values decoded by its content type.

    Args:
        where: the tensor's name in messages.
        content_type: the tensor's parameter.
        datatype: the tensor's datatype.
        values: values of that datatype, or None.

    Raises:
        ProblemError: 422 if the content type is unknown or doesn't fit the datatype, or if a
            value can't be decoded.
    """
    require_known(where, content_type, OF_TENSORS)
    if content_type in _OF_TEXTS and datatype != "BYTES":
        raise ProblemError(
            422, f'{where}: the content type "{content_type}" is for BYTES, got {datatype}'
        )
    decode = _DECODERS.get(content_type)
    if decode is None:
        return values
    found = []
    for number, value in enumerate(values):
        try:
            found.append(None if value is None else decode(value))
        except (ValueError, ProblemError) as error:
            wanted = "JSON" if content_type == "pd_json" else "base64 of a text in UTF-8"
            raise ProblemError(
                422, f"{where}: value {number} must be {wanted}, got {shown(value)}"
            ) from error
    return found


def _text(value: str) -> str:
    """Decode base64. MLServer takes a value that isn't base64 as it is; here it is refused.

    Raises:
        ValueError: if the value isn't base64, or not of UTF-8.
    """
    return base64.b64decode(value, validate=True).decode()


_DECODERS: dict[str, Callable[[str], Any]] = {"base64": _text, "pd_json": parse}
