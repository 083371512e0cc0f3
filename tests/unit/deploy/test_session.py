"""What a command trusts as proof that an image is its stage's."""

import pytest

from mldeploy.config import Config, FunctionConfig, SignConfig
from mldeploy.deploy.session import _trust
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.resources.base import Trust
from tests.support.stacks import config

KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "f" * 64
PREDICT = "mldeploy_iris_dev_predict"
BOTH = (FunctionConfig("predict", "POST /predict"), FunctionConfig("score", "POST /score"))

CASES: dict[str, tuple[Config, list[str], Trust]] = {
    "the stage's function alone": (config(), [], Trust((PREDICT,), frozenset(), "")),
    "all functions of the stage": (
        config(functions=BOTH), [],
        Trust((PREDICT, "mldeploy_iris_dev_score"), frozenset(), ""),
    ),
    "another stage's functions have other names": (
        config(stage="prod"), [], Trust(("mldeploy_iris_prod_predict",), frozenset(), ""),
    ),
    "digests that the caller names": (
        config(), [ONE, TWO, ONE], Trust((PREDICT,), frozenset({ONE, TWO}), ""),
    ),
    "a signature, if there is a key": (
        config(sign=SignConfig(KEY)), [ONE], Trust((PREDICT,), frozenset({ONE}), KEY),
    ),
    "no signature on this machine's AWS": (
        config(sign=SignConfig(KEY), target="local"), [], Trust((PREDICT,), frozenset(), ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_trusted(case: str) -> None:
    """The names in Lambda are mldeploy_PROJECT_STAGE_FUNCTION."""
    settings, digests, trusted = CASES[case]
    assert _trust(settings, digests) == trusted


NO_DIGESTS = {
    "nothing": "",
    "a tag": "latest",
    "hexadecimal digits without the algorithm": "1" * 64,
    "another algorithm": "sha512:" + "1" * 128,
    "too few digits": "sha256:" + "1" * 63,
    "too many digits": "sha256:" + "1" * 65,
    "upper case": "sha256:" + "F" * 64,
    "an image with its digest": f"iris@{ONE}",
    "a line break at the end": ONE + "\n",
}


@pytest.mark.parametrize("case", NO_DIGESTS)
def test_what_is_no_digest_is_refused(case: str) -> None:
    """OCI's image specification: sha256 is followed by 64 lower-case hexadecimal digits."""
    with pytest.raises(MldeployError) as caught:
        _trust(config(), [ONE, NO_DIGESTS[case]])
    assert (caught.value.code, caught.value.exit_code) == ("MLD323", ExitCode.USAGE)
    assert repr(NO_DIGESTS[case]) in caught.value.message
