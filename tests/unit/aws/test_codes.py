"""What codes say by their form, compared with what AWS's service models say of the same errors."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from mldeploy.aws.codes import _ANOTHER_IS_MISSING, _OTHERWISE, Family, family_of, says_missing
from tests.unit.aws.test_refusals import LIKELY, SERVICES, model

NAMES_IT = re.compile(r"^(BatchGet|Delete|Describe|Get|Head|List|Remove|Untag)")
"""Operations that name a resource which may be gone."""
SAYS_SO = re.compile(
    r"(n[o']t|no longer) (currently )?exist|nonexistent|(n[o']t|could not) (be )?f(ind|ound)"
    r"|cannot (be )?f(ind|ound)|(does not|doesn't) have an|there is no|has not been deleted"
    r"|no dry run|didn't match|make sure that the resource exists",
    re.IGNORECASE,
)
OF_ANOTHER = re.compile(r"no organization")
NOT_FOUND = 404


def errors(services: Any) -> Iterator[tuple[str, str, str, int | None, str]]:
    """Yield service, operation, code, status and text of errors of calls that name a resource."""
    for service in services:
        for name in model(service).operation_names:
            for shape in model(service).operation_model(name).error_shapes:
                status = shape.metadata.get("error", {}).get("httpStatusCode")
                text = re.sub(r"<[^>]+>", "", shape.documentation).replace("\u2019", "'")
                yield service, name, shape.error_code, status, text


EVERY = [*errors({*SERVICES, *LIKELY})]
NAMING = [each for each in EVERY if NAMES_IT.match(each[1])]


def test_what_the_models_document_as_missing_is_missing() -> None:
    """By its text, and by its status where it has one; else a destroy would fail half-way.

    What is invalid is a parameter, such as SQS's attributes that don't exist; and DynamoDB tells
    of a quota and of what doesn't exist in one text.
    """
    wrong = {
        (service, code)
        for service, _, code, status, text in NAMING
        if status in {NOT_FOUND, None} and SAYS_SO.search(text) and not says_missing(code)
    }
    assert {
        (service, code)
        for service, code in wrong
        if code not in _ANOTHER_IS_MISSING and family_of(code) not in {Family.VALUE, Family.QUOTA}
    } == set()


def test_what_is_missing_is_documented_as_that() -> None:
    """Else a resource would be taken for gone, and made twice or left behind."""
    wrong = {
        (service, code, status, text)
        for service, _, code, status, text in NAMING
        if says_missing(code) and not (status in {NOT_FOUND, None} and SAYS_SO.search(text))
    }
    assert wrong == set()


def test_the_models_were_read() -> None:
    """The two tests above compare something: codes of each service that has such errors."""
    seen = {service for service, _, code, _, _ in NAMING if says_missing(code)}
    assert seen == {*SERVICES, *LIKELY} - {"sts"}
    assert len({code for _, _, code, _, _ in NAMING if says_missing(code)}) > 30


@pytest.mark.parametrize("code", sorted(_ANOTHER_IS_MISSING))
def test_each_exception_is_of_another_resource(code: str) -> None:
    """Botocore's text names what is missing instead; a row that no model has is deleted."""
    texts = [each[4] for each in NAMING if each[2] == code]
    assert texts
    assert all(OF_ANOTHER.search(text) for text in texts)


@pytest.mark.parametrize("code", sorted(_OTHERWISE))
def test_each_code_that_means_something_else_is_documented(code: str) -> None:
    """A row that no model has any more is deleted."""
    assert code in {each[2] for each in EVERY}


@pytest.mark.parametrize("code", ["KMSNotFoundException", "KMSNotFound", "KmsNotFound"])
def test_a_missing_key_isnt_the_missing_resource(code: str) -> None:
    """Lambda answers 502: the function is there, and only its variables can't be decrypted."""
    assert not says_missing(code)
    assert family_of(code) is Family.KEY


@pytest.mark.parametrize(
    "code",
    [
        # Of S3's "Error responses", which botocore's model leaves out.
        *("NoSuchBucketPolicy", "NoSuchTagSet", "ServerSideEncryptionConfigurationNotFoundError"),
        "404",  # of HeadBucket, whose answer has no body
        "AWS.SimpleQueueService.NonExistentQueue",  # SQS's own, in the header x-amzn-query-error
    ],
)
def test_codes_that_no_model_documents_are_missing(code: str) -> None:
    """The sources: S3's and SQS's API references."""
    assert says_missing(code)


def test_what_botocore_takes_for_throttling_is_throttling() -> None:
    """Its own list, but for two: a quota of resources, and EC2's throttling of Lambda."""
    theirs = {*ThrottledRetryableChecker._THROTTLED_ERROR_CODES}
    others = {code for code in theirs if family_of(code) is not Family.THROTTLED}
    assert others == {"EC2ThrottledException", "LimitExceededException"}
    assert len(theirs) > 10


def test_the_models_statuses_and_the_families_agree() -> None:
    """429 comes of too many calls, 5xx of AWS itself; nothing else is taken for either."""
    transient = {*TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    inside = {code for *_, code, status, _ in EVERY if status and status >= 500} | transient
    wrong = {
        (service, code, status)
        for service, _, code, status, _ in EVERY
        if status
        and (
            (family_of(code) is Family.THROTTLED and status not in {400, 429})
            or (family_of(code) is Family.INSIDE and code not in inside)
            or (status == 429 and family_of(code) not in {Family.THROTTLED, Family.RIVAL})
        )
    }
    assert wrong == set()
    assert {code for *_, code, _, _ in EVERY if code.startswith("Internal")} <= {
        code for *_, code, _, _ in EVERY if family_of(code) is Family.INSIDE
    }
