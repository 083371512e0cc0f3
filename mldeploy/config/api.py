"""The HTTP API in front of the functions: [api]."""

from dataclasses import dataclass
from typing import Literal

Auth = Literal["none", "iam", "jwt"]


@dataclass(frozen=True)
class CorsConfig:
    """Cross-origin rules of the HTTP API. `max_age` in seconds."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    max_age: int = 0


@dataclass(frozen=True)
class JwtConfig:
    """Whose tokens the API admits. `issuer`: an https URL; `audience`: one of them must match."""

    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True)
class ApiConfig:
    """The HTTP API in front of the functions.

    Attributes:
        auth: "none" (public), "iam" (signed requests) or "jwt" (a bearer's token).
        jwt: whose tokens, with auth "jwt" only.
        cors: None where no other origin may call it.
        rate: requests a second, for the whole stage.
        burst: requests at once.
    """

    auth: Auth
    cors: CorsConfig | None = None
    rate: float = 50.0
    burst: int = 100
    jwt: JwtConfig | None = None
