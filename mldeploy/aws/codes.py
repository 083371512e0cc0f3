"""Classifies AWS's error codes by their form, regardless of the service.

AWS's services use similar names (`errors` of each operation in botocore's service models), so a new
service needs no row here.
"""

import re
from enum import Enum, auto


class Family(Enum):
    """Families of error codes."""

    THROTTLED = auto()
    """The call was throttled."""
    INSIDE = auto()
    """AWS had an internal error."""
    KEY = auto()
    """A KMS key can't be used."""
    DENIED = auto()
    """The caller has no permission."""
    IN_USE = auto()
    """Another resource depends on this one."""
    RIVAL = auto()
    """The resource already exists or was changed in the meantime."""
    MISSING = auto()
    """A resource doesn't exist."""
    QUOTA = auto()
    """A quota is reached."""
    VALUE = auto()
    """A parameter is invalid."""


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
    # Responses to HEAD have no body, so the code is the status (botocore/parsers.py,
    # RestXMLParser).
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
"""The first matching form decides."""

_OTHERWISE: dict[str, Family | None] = {
    "DeleteConflict": Family.IN_USE,  # IAM: a role that still has policies
    "EC2AccessDeniedException": None,  # Lambda: the execution role's permission is missing
    "EC2ThrottledException": None,  # Lambda: its own calls of EC2 are throttled, not ours
    "LayerAlreadyExistsException": None,  # ECR: not a conflict, layers have no owner
}
"""Exceptions: codes whose form suggests another family."""

_ANOTHER_IS_MISSING = {
    "OrganizationNotFoundException",  # IAM: the account belongs to no organization
}
"""Codes that don't mean that the resource itself is missing, but one that it needs. KMS keys are a
separate family."""


def family_of(code: str) -> Family | None:
    """Return a code's family, or None if its form is unknown."""
    if code in _OTHERWISE:
        return _OTHERWISE[code]
    return next((family for family, form in _FORMS if re.search(form, code)), None)


def says_missing(code: str) -> bool:
    """Return whether a code of a read or a deletion means that the resource doesn't exist."""
    return code not in _ANOTHER_IS_MISSING and family_of(code) is Family.MISSING
