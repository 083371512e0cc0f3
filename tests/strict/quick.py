"""What botocore and moto do anew for every session or call, though nothing of it is tested.

They read the services' descriptions, make classes of them, sign what nobody checks, word the user
agent, look for the names of a class's methods, copy the tree of event handlers, look at the
handlers' signatures, translate events' names, and try the addresses of all services at each call.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.hooks
import botocore.session
from botocore.client import ClientCreator
from botocore.compat import accepts_kwargs
from botocore.hooks import EventAliaser, NodeList, _PrefixTrie
from botocore.loaders import create_loader
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto import backend_index
from moto.core import responses
from moto.core.base_backend import BaseBackend
from moto.core.utils import get_equivalent_url_in_aws_domain

_NAMES, _UNDERSCORES = "method_names_from_class", "camelcase_to_underscores"
"""moto imports them by name."""
_agents: dict[int, tuple[Any, str]] = {}
"""By the id of a client's configuration, which is kept beside the text so that it stays unique."""

_sign, _text = RequestSigner.sign, UserAgentString.to_string

_alias = EventAliaser._alias_event_name
_aliases: dict[str, str] = {}
"""Every session has the same aliases (botocore.handlers.EVENT_ALIASES); a client's are a copy."""


def _aliased(self: Any, event_name: str) -> str:
    known = _aliases.get(event_name)
    if known is None:
        known = _aliases[event_name] = _alias(self, event_name)
    return known


def _copied(self: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """Copy the tree as botocore does, without `copy.copy`, which costs ten times the rest."""
    return {"_root": _node(attributes["_root"])}


def _node(node: dict[str, Any]) -> dict[str, Any]:
    values = node["values"]
    return {
        "chunk": node["chunk"],
        "children": {key: _node(child) for key, child in node["children"].items()},
        "values": values and NodeList(values.first[:], values.middle[:], values.last[:]),
    }


_load, _make_methods = ClientCreator._load_service_model, ClientCreator._create_methods
_models: dict[str, Any] = {}
_methods: dict[str, dict[str, Any]] = {}


def _model(self: Any, service_name: str, api_version: Any = None) -> Any:
    """Read a service's description once: what a model has worked out, it keeps."""
    if service_name not in _models:
        _models[service_name] = _load(self, service_name, api_version)
    return _models[service_name]


def _methods_of(self: Any, service_model: Any) -> dict[str, Any]:
    """Make the methods of a service's class once; each client has a class of its own."""
    name = service_model.service_name
    if name not in _methods:
        _methods[name] = _make_methods(self, service_model)
    return dict(_methods[name])


_accepting: dict[Any, bool] = {}
"""By the code of a handler, for handlers themselves come and go with their clients."""


def _takes_names(handler: Any) -> bool:
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    if code is None:
        return bool(accepts_kwargs(handler))
    if code not in _accepting:
        _accepting[code] = bool(accepts_kwargs(handler))
    return _accepting[code]


def _unsigned(self: Any, operation_name: str, request: Any, *more: Any, **named: Any) -> None:
    # Without credentials botocore says so; what is presigned goes elsewhere.
    if self._credentials is None or more or named:
        _sign(self, operation_name, request, *more, **named)
        return
    # moto reads key, region and service out of it (moto/core/responses.py).
    scope = f"{self._credentials.access_key}/20260101/{self._region_name}/{self._signing_name}"
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, SignedHeaders=host, Signature=0"
    )


def _told_once(self: Any) -> str:
    known = _agents.get(id(self._client_config))
    if known is None:
        known = _agents[id(self._client_config)] = (self._client_config, _text(self))
    return known[1]


_PATTERNS = backend_index.backend_url_patterns


@functools.lru_cache(maxsize=4096)
def _services_at(url: str) -> list[Any]:
    found, _ = get_equivalent_url_in_aws_domain(url)
    address = f"{found.scheme}://{found.netloc}{found.path}"  # as in `process_request`
    return [(service, pattern) for service, pattern in _PATTERNS if pattern.match(address)]


def narrow(url: str) -> None:
    """Let moto ask those services alone whose address the next request has, of 200."""
    backend_index.backend_url_patterns = _services_at(url)


_urls, _known_urls = vars(BaseBackend)["urls"].fget, dict[type, Any]()


def _urls_of(self: Any) -> Any:
    if type(self) not in _known_urls:
        _known_urls[type(self)] = _urls(self)
    return _known_urls[type(self)]


_QUICKER: tuple[tuple[Any, str, Any], ...] = (
    (botocore.session, "create_loader", functools.cache(create_loader)),  # it keeps what it read
    (RequestSigner, "sign", _unsigned),
    (UserAgentString, "to_string", _told_once),
    (responses, _NAMES, functools.cache(vars(responses)[_NAMES])),
    (responses, _UNDERSCORES, functools.cache(vars(responses)[_UNDERSCORES])),
    (backend_index, "backend_url_patterns", _PATTERNS),  # `narrow` replaces it
    (BaseBackend, "urls", property(_urls_of)),
    (_PrefixTrie, "_recursive_copy", _copied),
    (EventAliaser, "_alias_event_name", _aliased),
    (botocore.hooks, "accepts_kwargs", _takes_names),
    (ClientCreator, "_load_service_model", _model),
    (ClientCreator, "_create_methods", _methods_of),
)
"""Where it is, its name, and what stands there meanwhile."""


@contextmanager
def quick() -> Iterator[None]:
    """Leave that out, or do it once, for the time of a `with` block."""
    before = [vars(where)[name] for where, name, _ in _QUICKER]
    for where, name, quicker in _QUICKER:
        setattr(where, name, quicker)
    try:
        yield
    finally:
        for (where, name, _), sound in zip(_QUICKER, before, strict=True):
            setattr(where, name, sound)
        _agents.clear()
