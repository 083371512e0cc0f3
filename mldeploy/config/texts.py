"""Types of texts that several settings use, with their checks."""

from typing import Annotated

from mldeploy.config.fields import Check, Schema
from mldeploy.config.limits import inside, name, policy_arn
from mldeploy.config.names import NAME

Name = Annotated[str, Check(name), Schema({"pattern": f"^{NAME.pattern}$"})]
Inside = Annotated[str, Check(inside)]
"""A path inside the project."""
PolicyArn = Annotated[str, Check(policy_arn)]
