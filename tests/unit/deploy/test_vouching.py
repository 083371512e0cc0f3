"""Which golden examples are kept for which release."""

from dataclasses import replace

from mldeploy.config import FunctionConfig
from mldeploy.deploy.vouching import golden_of_releases
from mldeploy.model.golden import Golden
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.stack import stack
from mldeploy.resources.version import Version
from tests.support.stacks import ACCOUNT, config

SETTINGS = config(
    functions=(FunctionConfig("predict", "POST /predict"), FunctionConfig("check", "POST /check"))
)
KNOWN, UNKNOWN = ImageSource("t1", golden=Golden(b"{}")), ImageSource("t2")


def test_each_release_keeps_the_examples_of_its_own_image() -> None:
    """One whose image has none keeps none."""
    artifact = Artifact((("predict", KNOWN), ("check", UNKNOWN)))
    desired = stack(SETTINGS, artifact, ACCOUNT)
    releases = {one.function: one.release for one in desired if isinstance(one, Version)}
    found = golden_of_releases(SETTINGS, artifact, desired)
    assert found == [(releases["mldeploy_iris_dev_predict"], KNOWN.golden)]
    both = Artifact((("predict", KNOWN), ("check", replace(KNOWN, tag="t3"))))
    assert len(golden_of_releases(SETTINGS, both, stack(SETTINGS, both, ACCOUNT))) == 2
