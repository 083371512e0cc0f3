"""What the strict layer's own tests start from: a repository, a role, a function."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION

REPOSITORY = "mldeploy/iris"
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


def refused(call: Any, *arguments: Any, **params: Any) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(*arguments, **params)
    return str(raised.value.response["Error"]["Code"])


def prepared(aws: StrictAws) -> Any:
    """Return a Lambda client; there are two images, "one" and "two", and a role that has spread."""
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    for tag in ("one", "two"):
        aws.put_image(REPOSITORY, tag, tag)
    aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    aws.state.fresh_roles.clear()
    return aws.client("lambda")


def create(client: Any, uri: str = f"{URI}:one", **more: Any) -> Any:
    """Create the function `f`."""
    return client.create_function(
        FunctionName="f", Role=ROLE, PackageType="Image", Code={"ImageUri": uri}, **more
    )


def active(aws: StrictAws) -> Any:
    """Return a client, with a function `f` that is active."""
    client = prepared(aws)
    create(client)
    settle(client)
    return client


def settle(client: Any, qualifier: str = "$LATEST") -> Any:
    """Read once, which is how long things take by default."""
    return client.get_function_configuration(FunctionName="f", Qualifier=qualifier)


def published(client: Any) -> str:
    """Publish, let it settle, return the number."""
    number = str(client.publish_version(FunctionName="f")["Version"])
    settle(client, number)
    return number
