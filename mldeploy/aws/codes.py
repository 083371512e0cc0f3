"""What an error code of AWS says by its form alone, whichever service it comes from.

AWS's services name their errors alike (`errors` of each operation in botocore's service models), so
a service that is called for the first time needs no row here.
"""

import re
from enum import Enum, auto


class Family(Enum):
    """What a code says."""

    THROTTLED = auto()
    """The call came too soon after others."""
    INSIDE = auto()
    """AWS itself failed."""
    KEY = auto()
    """A KMS key can't be used."""
    DENIED = auto()
    """The caller has no permission."""
    IN_USE = auto()
    """Something else depends on the resource."""
    RIVAL = auto()
    """The resource exists, or was changed, in the meantime."""
    MISSING = auto()
    """A resource doesn't exist."""
    QUOTA = auto()
    """A quota is reached."""
    VALUE = auto()
    """A parameter has a wrong value."""


_FORMS = (
    (
        Family.THROTTLED,
        (
            r"Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimit|ThroughputExceeded"
            r"|SlowDown|PriorRequestNotComplete|TransactionInProgress"
        ),
    ),
    (Family.INSIDE, r"^(KMS)?Internal|^Server(Error|Ex)|^Service(Ex|Failure|Unavailable)"),
    (Family.KEY, r"^K(MS|ms)"),
    (Family.DENIED, r"AccessDenied|AuthorizationError|^Unauthorized"),
    (Family.IN_USE, r"InUse|NotEmpty|DependencyViolation"),
    (
        Family.RIVAL,
        (
            r"AlreadyExists|AlreadyOwned|(Resource|Name)Exists|Conflict|^Concurrent"
            r"|PreconditionFailed|OperationAborted"
        ),
    ),
    # HEAD requests get no body, and so no code but the status (botocore/parsers.py, RestXMLParser).
    (Family.MISSING, r"NotFound|DoesNotExist|NonExistent|^NoSuch|^404$"),
    (Family.QUOTA, r"LimitExceeded|LimitReached|QuotaExceeded|StorageExceeded|^OverLimit"),
    (
        Family.VALUE,
        (
            r"Invalid(?!Stat|Operation)|^BadRequest|^Validation|^Missing|^Malformed|NotSupported"
            r"|Unsupported|^TooMany|TooLarge|TooLong|Mismatch"
        ),
    ),
)
"""The first form that fits decides."""

_OTHERWISE: dict[str, Family | None] = {
    "DeleteConflict": Family.IN_USE,  # IAM: a role that still has policies
    "EC2AccessDeniedException": None,  # Lambda: the execution role has no permission, not we
    "EC2ThrottledException": None,  # Lambda: its own calls of EC2 are throttled, not ours
    "LayerAlreadyExistsException": None,  # ECR: nobody changed anything, layers have no owner
}
"""Codes that look like a family's and say something else."""

_ANOTHER_IS_MISSING = {
    "OrganizationNotFoundException",  # IAM: the account belongs to no organization
}
"""Codes of reads and deletions that don't say that the named resource is missing, but one that it
needs. KMS keys are a family of their own."""


def family_of(code: str) -> Family | None:
    """Return what a code says, or None if its form says nothing."""
    if code in _OTHERWISE:
        return _OTHERWISE[code]
    return next((family for family, form in _FORMS if re.search(form, code)), None)


def says_missing(code: str) -> bool:
    """Return whether a read or a deletion is answered: what you name doesn't exist."""
    return code not in _ANOTHER_IS_MISSING and family_of(code) is Family.MISSING
