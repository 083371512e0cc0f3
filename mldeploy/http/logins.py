"""Authorization at registries: basic, or by a token.

Sources: RFC 9110, 11.6.1; https://distribution.github.io/distribution/spec/auth/token/
"""

import base64
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from mldeploy.http.streams import Incoming
from mldeploy.text.addresses import unprotected_host

_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_OK = 200


def parameters_of(challenge: str) -> tuple[str, dict[str, str]]:
    """Return the scheme, in lower case, and the parameters of a `www-authenticate` header."""
    scheme, _, rest = challenge.partition(" ")
    return scheme.lower(), dict(_PARAMETER.findall(rest))


@dataclass(frozen=True)
class Logins:
    """The credentials for a registry.

    Attributes:
        root: the URL of the registry.
        username: "" for anonymous access, which gets tokens for public repositories.
        password: of the user.
        ca_bundle: a file of CA certificates, or "".
    """

    root: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""

    def answer_to(
        self, challenge: str, send: Callable[..., AbstractContextManager[Incoming]]
    ) -> str:
        """Return the `authorization` header for a registry's challenge, or "" if there is none.

        Args:
            challenge: its `www-authenticate` header.
            send: sends a request for a token.

        Raises:
            NoAnswerError: if the token server doesn't respond.
        """
        scheme, asked = parameters_of(challenge)
        if scheme == "basic" and self.username:
            return self._basic
        realm = asked.get("realm", "")
        if scheme != "bearer" or urlsplit(realm).scheme not in {"http", "https"}:
            return ""
        if unprotected_host(realm) and not unprotected_host(self.root):
            return ""
        query = [*parse_qsl(urlsplit(realm).query)]
        query += [(name, asked[name]) for name in ("service", "scope") if name in asked]
        url = urlsplit(realm)._replace(query=urlencode(query)).geturl()
        told = {"authorization": self._basic} if self.username else {}
        with send("GET", url, b"", told, ca_bundle=self.ca_bundle) as answer:
            token = token_in(answer.read()) if answer.status == _OK else ""
        return f"Bearer {token}" if token else ""

    @property
    def _basic(self) -> str:
        return basic(self.username, self.password)


def basic(username: str, password: str) -> str:
    """Return the `authorization` header for a username and password (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def token_in(content: bytes | str) -> str:
    """Return the token in a response, or "" if there is none that is valid in a header."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    token = (found.get("token") or found.get("access_token")) if isinstance(found, dict) else None
    usable = isinstance(token, str) and token.isascii() and token.isprintable()
    return str(token) if usable else ""
