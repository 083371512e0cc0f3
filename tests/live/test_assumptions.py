"""What only AWS can settle: each assumption that the code rests on, and how AWS answers it.

One line a row in the table below. Whoever has an account runs `make live`; a row that fails names
the place in the code that has to change. The calls are raw boto3: the program proves nothing here.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.live.story import BODY, Story, project

INDEX = "application/vnd.oci.image.index.v1+json"
ALIAS = "live"


@dataclass(eq=False)
class Lab:
    """A deployed project, and what is made beside it; `undo` holds what takes that away."""

    story: Story
    name: str
    project: str
    undo: list[Callable[[], object]] = field(default_factory=list)

    @cache  # noqa: B019 - one lab a run
    def client(self, service: str) -> Any:
        import boto3

        return boto3.client(service)

    @property
    def api(self) -> dict[str, Any]:
        """The project's HTTP API."""
        pages = self.client("apigatewayv2").get_paginator("get_apis").paginate()
        mine = (one for page in pages for one in page["Items"])
        return next(one for one in mine if one["Tags"].get("mldeploy:project") == self.project)

    def manifest(self) -> dict[str, Any]:
        """Return the image of the release, as ECR has it."""
        uri = self.client("lambda").get_function(FunctionName=self.name)["Code"]["ResolvedImageUri"]
        digest = uri.rpartition("@")[2]
        (found,) = self.client("ecr").batch_get_image(
            repositoryName=f"mldeploy/{self.project}", imageIds=[{"imageDigest": digest}]
        )["images"]
        return dict(found)

    def weights(self) -> dict[str, float]:
        found = self.client("lambda").get_alias(FunctionName=self.name, Name=ALIAS)
        return dict((found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})

    def provisioning(self) -> str:
        found = self.client("lambda").get_provisioned_concurrency_config(
            FunctionName=self.name, Qualifier=ALIAS
        )
        return str(found["Status"])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A first release, deployed."""
    with project(tmp_path_factory.mktemp("live")) as story:
        story.run("train")
        deployed = story.run("deploy", "--yes")["functions"][0]
        found = Lab(story, deployed["name"], story.folder.name)
        story.url = deployed["url"]
        try:
            yield found
        finally:
            for undo in reversed(found.undo):
                undo()


def weights_mean_provisioning(lab: Lab) -> None:
    """`resources/alias_weights.py`: Lambda's own weights only while it provisions."""
    functions = lab.client("lambda")
    one = functions.publish_version(FunctionName=lab.name)["Version"]
    functions.update_alias(FunctionName=lab.name, Name=ALIAS, FunctionVersion=one)
    functions.put_provisioned_concurrency_config(
        FunctionName=lab.name, Qualifier=ALIAS, ProvisionedConcurrentExecutions=1
    )
    lab.undo.append(
        lambda: functions.delete_provisioned_concurrency_config(
            FunctionName=lab.name, Qualifier=ALIAS
        )
    )
    until(lambda: lab.provisioning() == "READY", 600)
    functions.update_function_configuration(FunctionName=lab.name, Description="another version")
    functions.get_waiter("function_updated_v2").wait(FunctionName=lab.name)
    two = functions.publish_version(FunctionName=lab.name)["Version"]
    functions.update_alias(FunctionName=lab.name, Name=ALIAS, FunctionVersion=two)
    end = time.monotonic() + 900
    while time.monotonic() < end:
        weights, status = lab.weights(), lab.provisioning()
        if not weights and status == "READY":
            return
        assert not weights or status == "IN_PROGRESS", (weights, status)
        time.sleep(1)
    pytest.fail("the weights didn't clear within 15 minutes")


def revision_changes_on_publish(lab: Lab) -> None:
    """`resources/version.py`: $LATEST's revision is another after a publish."""
    functions = lab.client("lambda")
    functions.update_function_configuration(FunctionName=lab.name, Description=str(time.time()))
    functions.get_waiter("function_updated_v2").wait(FunctionName=lab.name)
    before = functions.get_function(FunctionName=lab.name)["Configuration"]["RevisionId"]
    functions.publish_version(FunctionName=lab.name)
    after = functions.get_function(FunctionName=lab.name)["Configuration"]["RevisionId"]
    assert before != after


def an_index_is_refused(lab: Lab) -> None:
    """`resources/manifests.py`: Lambda takes no index, so the platform's manifest is taken out."""
    image = lab.manifest()
    content = image["imageManifest"].encode()
    entry = {
        "mediaType": image["imageManifestMediaType"],
        "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "size": len(content),
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})
    registry, repository = lab.client("ecr"), f"mldeploy/{lab.project}"
    put = registry.put_image(
        repositoryName=repository,
        imageManifest=index,
        imageManifestMediaType=INDEX,
        imageTag="an-index",
    )["image"]["imageId"]
    lab.undo.append(lambda: registry.batch_delete_image(repositoryName=repository, imageIds=[put]))
    uri = lab.client("lambda").get_function(FunctionName=lab.name)["Code"]["ImageUri"]
    with pytest.raises(lab.client("lambda").exceptions.InvalidParameterValueException):
        lab.client("lambda").update_function_code(
            FunctionName=lab.name, ImageUri=f"{uri.rpartition('@')[0]}@{put['imageDigest']}"
        )


def digests_are_of_the_bytes(lab: Lab) -> None:
    """`resources/arrival.py`: a manifest's digest is the SHA-256 of what ECR gives back."""
    image = lab.manifest()
    found = hashlib.sha256(image["imageManifest"].encode()).hexdigest()
    assert image["imageId"]["imageDigest"] == f"sha256:{found}"


def cors_headers_come_back_lower(lab: Lab) -> None:
    """`resources/http_api_parts.py`: CORS is compared without case."""
    gateway = lab.client("apigatewayv2")
    gateway.update_api(
        ApiId=lab.api["ApiId"],
        CorsConfiguration={"AllowOrigins": ["https://example.com"], "AllowHeaders": ["X-Api-Key"]},
    )
    lab.undo.append(lambda: gateway.delete_cors_configuration(ApiId=lab.api["ApiId"]))
    assert lab.api["CorsConfiguration"]["AllowHeaders"] == ["x-api-key"]


def new_routes_are_refused_by_the_gateway(lab: Lab) -> None:
    """`confirmation.py`: until a route has spread only the gateway's own words come."""
    import urllib3

    gateway, api = lab.client("apigatewayv2"), lab.api
    (integration,) = gateway.get_integrations(ApiId=api["ApiId"])["Items"]
    route = gateway.create_route(
        ApiId=api["ApiId"],
        RouteKey="POST /spreading",
        Target=f"integrations/{integration['IntegrationId']}",
    )
    lab.undo.append(lambda: gateway.delete_route(ApiId=api["ApiId"], RouteId=route["RouteId"]))
    for _ in range(30):
        answer = urllib3.request(
            "POST", f"{api['ApiEndpoint']}/spreading", json={}, retries=False, timeout=35
        )
        assert set(answer.json()) == {"message"}, answer.data
        assert answer.status in {403, 404, 500}, answer.status
        time.sleep(1)


def a_greedy_route_is_permitted_as_it_is_written(lab: Lab) -> None:
    """`http_api/parts.py`: the permission's pattern has {path+} itself, as AWS's CDK writes it."""
    import urllib3

    gateway, functions, api = lab.client("apigatewayv2"), lab.client("lambda"), lab.api
    (integration,) = gateway.get_integrations(ApiId=api["ApiId"])["Items"]
    account = lab.client("sts").get_caller_identity()["Account"]
    where = f"{functions.meta.region_name}:{account}:{api['ApiId']}"
    permission = {"FunctionName": lab.name, "Qualifier": ALIAS, "StatementId": "greedy"}
    functions.add_permission(
        **permission,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{where}/$default/POST/greedy/{{path+}}",
    )
    lab.undo.append(lambda: functions.remove_permission(**permission))
    route = gateway.create_route(
        ApiId=api["ApiId"],
        RouteKey="POST /greedy/{path+}",
        Target=f"integrations/{integration['IntegrationId']}",
    )
    lab.undo.append(lambda: gateway.delete_route(ApiId=api["ApiId"], RouteId=route["RouteId"]))
    url = f"{api['ApiEndpoint']}/greedy/a/b"

    def answers() -> bool:
        found = urllib3.request("POST", url, json=BODY, retries=False, timeout=35)
        return found.status == 200

    until(answers, 120)


def percentile_ranks_of_a_version(lab: Lab) -> None:
    """`cloudwatch.py`: a version's share of quick requests, by its place behind the alias."""
    for _ in range(20):
        lab.story.ask()
    now = datetime.now(UTC)
    version = lab.client("lambda").get_alias(FunctionName=lab.name, Name=ALIAS)["FunctionVersion"]
    dimensions = {
        "FunctionName": lab.name,
        "Resource": f"{lab.name}:{ALIAS}",
        "ExecutedVersion": version,
    }

    def points() -> list[Any]:
        found = lab.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Duration",
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=10),
            Period=60,
            ExtendedStatistics=["PR(:10000)"],
        )
        return list(found["Datapoints"])

    until(lambda: bool(points()), 300)
    assert points()[0]["ExtendedStatistics"]["PR(:10000)"] == 100


def head_is_no_get(lab: Lab) -> None:
    """`local/routes.py`: a HEAD request takes a route of HEAD or ANY alone."""
    import urllib3

    answer = urllib3.request("HEAD", lab.story.url, retries=False, timeout=35)
    assert answer.status == 404


def head_has_the_headers_of_get(lab: Lab) -> None:
    """`endpoint/routes.py`: of the response to HEAD the gateway leaves the body out."""
    import urllib3

    url = f"{lab.api['ApiEndpoint']}/health"
    got, head = (urllib3.request(one, url, retries=False, timeout=35) for one in ("GET", "HEAD"))
    assert (head.status, head.data) == (200, b"")
    for name in ("content-type", "content-length", "x-content-type-options"):
        assert head.headers[name] == got.headers[name]


def the_policy_is_enough(lab: Lab) -> None:
    """`deploy/permissions.py`: whoever may do just that, deploys and destroys a stage."""
    identity, roles = lab.client("sts"), lab.client("iam")
    account, name = identity.get_caller_identity(), f"{lab.project}-deployer"
    me = account["Arn"] if ":user/" in account["Arn"] else f"arn:aws:iam::{account['Account']}:root"
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": me}, "Action": "sts:AssumeRole"}],
    }
    roles.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    lab.undo.append(lambda: roles.delete_role(RoleName=name))
    policy = lab.story.run("iam", "policy", "--stage", "least")
    roles.put_role_policy(RoleName=name, PolicyName="least", PolicyDocument=json.dumps(policy))
    lab.undo.append(lambda: roles.delete_role_policy(RoleName=name, PolicyName="least"))
    arn = f"arn:aws:iam::{account['Account']}:role/{name}"
    time.sleep(15)  # IAM spreads
    keys = identity.assume_role(RoleArn=arn, RoleSessionName="least")["Credentials"]
    environment = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    lab.story.run("deploy", "--yes", "--stage", "least", environment=environment)
    assert lab.story.run("plan", "--stage", "least", environment=environment)["changes"] == []
    confirm = ("--yes", "--confirm", lab.project)
    lab.story.run("destroy", "--stage", "least", *confirm, environment=environment)


ASSUMPTIONS = (
    digests_are_of_the_bytes,
    revision_changes_on_publish,
    an_index_is_refused,
    cors_headers_come_back_lower,
    new_routes_are_refused_by_the_gateway,
    head_is_no_get,
    head_has_the_headers_of_get,
    a_greedy_route_is_permitted_as_it_is_written,
    percentile_ranks_of_a_version,
    the_policy_is_enough,
    weights_mean_provisioning,
)


def until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(2)


@pytest.mark.parametrize("assumption", ASSUMPTIONS, ids=lambda one: one.__doc__.strip("."))
def test_aws_does_as_the_code_assumes(lab: Lab, assumption: Callable[[Lab], None]) -> None:
    """Each row of the table, on a stage that is gone afterwards."""
    assumption(lab)
