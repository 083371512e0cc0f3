"""Maps AWS's error codes and messages to our codes and fixes.

Most codes are classified by their form (`mldeploy.aws.codes`); the rows here are for codes with a
more specific fix. If an AWS code has many causes, its message decides; the messages are AWS's, each
with a source.
"""

import re
from dataclasses import dataclass

from mldeploy.aws.codes import Family, family_of


@dataclass(frozen=True)
class Refusal:
    """A translated error.

    Attributes:
        code: MLDnnn.
        what: happened, in a few words.
        fix: what to do next; may contain groups of the message's pattern.
    """

    code: str
    what: str
    fix: str


_MISSING = Refusal(
    "MLD470",
    "AWS didn't find a resource that a call needs",
    "run `mldeploy plan` to see what is missing, then `mldeploy deploy` to create it again; it was "
    "probably deleted by hand",
)
_VALUE = Refusal(
    "MLD471",
    "AWS refuses a value",
    "look in AWS's message for the setting and change it in mldeploy.toml",
)
_POLICY = Refusal(
    "MLD472",
    "AWS refuses a policy",
    "check the ARNs under [role] in mldeploy.toml: managed policies and the boundary must exist "
    "in this account and fit a role",
)
_LONG_POLICY = Refusal(
    "MLD472",
    "a policy would be too long",
    "remove routes of the function, or statements that were added to its policy by hand "
    "(`aws lambda get-policy`)",
)
_IMAGE = Refusal(
    "MLD473",
    "Lambda refuses the image",
    "run `mldeploy build`, then `mldeploy deploy` again; an image that was pushed by hand must be "
    "one Docker or OCI manifest for one platform",
)
_PUBLIC = Refusal(
    "MLD474",
    "the account blocks public access to Lambda functions",
    "ask the account's administrator; the API's own permission is limited to its routes and isn't "
    "public",
)
_MANAGED = Refusal(
    "MLD475",
    "AWS manages this resource and doesn't allow changes to it",
    "rename the project or stage, so that it doesn't meet that resource",
)
_SIGNING = Refusal(
    "MLD476",
    "the function has a code-signing configuration, and images can't be signed that way",
    "detach it: aws lambda delete-function-code-signing-config --function-name NAME",
)
_IN_USE = Refusal(
    "MLD477",
    "AWS doesn't delete a resource that is in use",
    "run the same command again; if that doesn't help, something that this project doesn't manage "
    "uses it",
)
_KEY = Refusal(
    "MLD478",
    "AWS can't use the KMS key",
    "check that the key is enabled and that its policy admits the execution role (for a function) "
    "or you (for a repository)",
)
_NETWORK = Refusal(
    "MLD479",
    "the function's VPC or file system, attached by hand, isn't usable",
    "fix it, or detach it: aws lambda update-function-configuration --function-name NAME "
    "--vpc-config SubnetIds=[],SecurityGroupIds=[]",
)
_NOT_READY = Refusal(
    "MLD480",
    "the function isn't ready to be invoked",
    "wait a minute, then run the same command again; `mldeploy deploy` makes what stays broken "
    "again",
)
_FEATURE = Refusal(
    "MLD481",
    "the function has a setting under which it can't be invoked like this",
    "run `mldeploy plan` to see what differs, then `mldeploy deploy` to repair it; it was probably "
    "changed by hand",
)
_LARGE = Refusal(
    "MLD482",
    "the request is larger than Lambda takes (6 MB)",
    "send fewer rows per request",
)
_LAYER = Refusal(
    "MLD483",
    "ECR can't take or give out a part of the image",
    "run the same command again in a minute; if it stays so, delete the image's tag in ECR and "
    "run `mldeploy push`",
)
_ROLE = Refusal(
    "MLD484",
    "Lambda can't use the execution role",
    "the role of [role] arn must trust lambda.amazonaws.com and exist in this account; one of "
    "mldeploy's own is repaired by `mldeploy deploy`",
)
_SHARED_ROLE = Refusal(
    "MLD426",
    "both versions of a canary need the same execution role and dead-letter queue",
    "deploy without a canary: --canary 0%",
)
_MEMORY = Refusal(
    "MLD428",
    "this account may not have that much memory for a function",
    "set memory to {limit} or less in mldeploy.toml; new accounts are held to that, and AWS "
    "Support raises it (Service Quotas doesn't list it)",
)
_QUOTA = Refusal(
    "MLD429",
    "a quota of this account is reached",
    "delete what isn't needed any more (`mldeploy destroy`, [deploy] keep), or ask for a higher "
    "quota: the console's Service Quotas",
)

REFUSED = Refusal(
    "MLD487",
    "AWS refuses a call",
    "look in AWS's message for the reason; if a resource is still changing, run the same command "
    "again in a minute",
)
"""For documented errors whose codes have no known form."""

_BY_REFUSAL: dict[Refusal, str] = {
    _MISSING: "CodeArtifactUserDeletedException NoPublishedVersionException",
    _POLICY: "InvalidPolicyException MalformedPolicyDocument MalformedPolicyDocumentException "
    "PackedPolicyTooLarge PolicyNotAttachable",
    _LONG_POLICY: "PolicyLengthExceededException",
    _PUBLIC: "PublicPolicyException",
    _MANAGED: "ManagedRuleException OperationDisabledException UnmodifiableEntity",
    _SIGNING: "CodeSigningConfigNotFoundException CodeVerificationFailedException "
    "InvalidCodeSignatureException",
    _NETWORK: "EC2AccessDeniedException EC2ThrottledException EC2UnexpectedException "
    "EFSIOException EFSMountConnectivityException EFSMountFailureException "
    "EFSMountTimeoutException ENILimitReachedException ENINotReadyException "
    "InvalidSecurityGroupIDException InvalidSubnetIDException S3FilesMountConnectivityException "
    "S3FilesMountFailureException S3FilesMountTimeoutException "
    "SubnetIPAddressLimitReachedException",
    _NOT_READY: "CodeArtifactUserFailedException CodeArtifactUserPendingException "
    "ResourceNotReadyException SnapStartException SnapStartNotReadyException "
    "SnapStartRegenerationFailureException SnapStartTimeoutException",
    _FEATURE: "DurableExecutionAlreadyStartedException InvalidRuntimeException "
    "InvalidZipFileException ModeNotSupportedException RecursiveInvocationException "
    "RuntimeAliasDeletedException RuntimeVersionDeletedException",
    _LARGE: "RequestTooLargeException SerializedRequestEntityTooLargeException",
    _LAYER: "EmptyUploadException ImageDigestDoesNotMatchException InvalidLayerException "
    "InvalidLayerPartException LayerAlreadyExistsException LayerInaccessibleException "
    "LayerPartTooSmallException ReferencedImagesNotFoundException "
    "UnableToGetUpstreamImageException UnableToGetUpstreamLayerException UploadNotFoundException",
}
"""Codes with a more specific fix than their family's."""
_BY_CODE = {code: refusal for refusal, codes in _BY_REFUSAL.items() for code in codes.split()}
_BY_FAMILY = {
    Family.KEY: _KEY,
    Family.IN_USE: _IN_USE,
    Family.MISSING: _MISSING,
    Family.QUOTA: _QUOTA,
    Family.VALUE: _VALUE,
}

# The sources: Lambda's MemorySize, remotion#2737 and alexcasalboni/aws-lambda-power-tuning#181;
# the role and the key, the retry lists of terraform and chalice; images, aws-lambda-roadmap#82 and
# serverless#12808; two versions' role, Lambda developer guide, "weighted aliases".
_WORDED: tuple[tuple[str, Refusal], ...] = (
    (r"'?MemorySize'? value failed .* less than or equal to (?P<limit>\d+)", _MEMORY),
    (r"execution role|The role defined for the function cannot be assumed", _ROLE),
    (r"KMS key", _KEY),
    (r"[Ss]ource image .* (does not exist|is not supported|is not valid)", _IMAGE),
    (r"layer media type|image manifest", _IMAGE),
    (r"limit exceeded|exceeds? (the|your) (maximum|quota|limit)", _QUOTA),
)
_SAME_ROLE = re.compile(r"same execution role|same dead.letter")


def refusal_of(code: str, message: str) -> Refusal | None:
    """Return the translation of a documented AWS error, or None for any other.

    Args:
        code: AWS's, such as "InvalidParameterValueException".
        message: AWS's message, which decides if the code is ambiguous.
    """
    family = family_of(code)
    known = _BY_CODE.get(code) or (_BY_FAMILY.get(family) if family else None)
    if known is not _VALUE:
        return known
    if _SAME_ROLE.search(message):
        return _SHARED_ROLE
    for pattern, refusal in _WORDED:
        found = re.search(pattern, message, re.DOTALL)
        if found:
            fix = refusal.fix.format(**found.groupdict()) if found.groupdict() else refusal.fix
            return Refusal(refusal.code, refusal.what, fix)
    return known
