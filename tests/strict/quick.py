"""What botocore and moto do anew for every session or call, though nothing of it is tested.

They read the services' descriptions, sign what nobody checks, word the user agent, and look for the
names of a class's methods.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore.loaders import create_loader
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core import responses

_NAMES = "method_names_from_class"
"""moto imports it by name."""
_agents: dict[int, tuple[Any, str]] = {}
"""By the id of a client's configuration, which is kept beside the text so that it stays unique."""


_loader = functools.cache(create_loader)
"""It keeps what it has read."""


@contextmanager
def quick() -> Iterator[None]:
    """Leave that out, or do it once, for the time of a `with` block."""
    sign, text = RequestSigner.sign, UserAgentString.to_string
    names = vars(responses)[_NAMES]
    botocore.session.create_loader = _loader

    def unsigned(self: Any, operation_name: str, request: Any, *more: Any, **named: Any) -> None:
        # Without credentials botocore says so; what is presigned goes elsewhere.
        if self._credentials is None or more or named:
            sign(self, operation_name, request, *more, **named)
            return
        # moto reads key, region and service out of it (moto/core/responses.py).
        scope = f"{self._credentials.access_key}/20260101/{self._region_name}/{self._signing_name}"
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, SignedHeaders=host, Signature=0"
        )

    def told_once(self: Any) -> str:
        known = _agents.get(id(self._client_config))
        if known is None:
            known = _agents[id(self._client_config)] = (self._client_config, text(self))
        return known[1]

    RequestSigner.sign = unsigned
    UserAgentString.to_string = told_once
    setattr(responses, _NAMES, functools.cache(names))
    try:
        yield
    finally:
        botocore.session.create_loader = create_loader
        RequestSigner.sign = sign
        UserAgentString.to_string = text
        setattr(responses, _NAMES, names)
        _agents.clear()
