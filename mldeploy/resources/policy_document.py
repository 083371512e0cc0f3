"""IAM policy documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mldeploy.text.data import InJson, in_json


@dataclass(frozen=True)
class PolicyDocument:
    """A policy document (IAM user guide, "IAM JSON policy elements").

    Attributes:
        version: of IAM's policy language.
        statements: the permissions.
    """

    version: str = field(metadata=in_json(InJson(key="Version")))
    statements: tuple[Mapping[str, Any], ...] = field(metadata=in_json(InJson(key="Statement")))


def document_of(policy: Mapping[str, Any]) -> PolicyDocument:
    """Return a policy as a document."""
    return PolicyDocument(policy["Version"], tuple(policy["Statement"]))
