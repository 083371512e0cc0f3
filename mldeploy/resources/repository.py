"""The project's ECR repository, shared by its stages."""

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mldeploy.aws.clients import Account, missing_is_fine
from mldeploy.config import Config
from mldeploy.resources.base import (
    Context,
    Reads,
    Tags,
    canonical,
    known_tags,
    require_ours,
    tag_list,
    tag_map,
)
from mldeploy.resources.kind import ANY, REPOSITORY, Calls, Inventory, Phase, Stage
from mldeploy.resources.risk import RISK, endangers, more, protects


@dataclass(frozen=True)
class Repository:
    """A repository with immutable tags and scan on push, which Lambda may read.

    Attributes:
        name: such as "mldeploy/iris".
        policy: canonical JSON of our statements in the repository policy, identified by their ids.
            Others, including Lambda itself, add statements
            (https://github.com/awsdocs/aws-lambda-developer-guide/issues/286).
        tags: of the project.
        immutable: whether tags are immutable.
        scan_on_push: whether ECR scans for known vulnerabilities, or the account's registry
            settings decide what is scanned.
        opened: statements that permit everyone, without a condition.
        expiring: rules of a lifecycle policy that may delete images that are in use.
        uri: assigned by AWS.
    """

    kind: ClassVar[str] = "repository"
    phase: ClassVar[Phase] = Phase.BEFORE_SHIFT
    proof: ClassVar[str] = "the statements of its policy"
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("ecr:GetRegistryScanningConfiguration",), ANY),
        Calls(
            (
                *("ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository"),
                *("ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy"),
                *("ecr:ListTagsForResource", "ecr:PutImageScanningConfiguration"),
                *("ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy"),
                *("ecr:SetRepositoryPolicy", "ecr:TagResource"),
            ),
            REPOSITORY,
        ),
    )

    name: str
    policy: str = ""
    tags: Tags = ()
    immutable: bool = field(default=True, metadata={RISK: protects})
    scan_on_push: bool = True
    opened: tuple[str, ...] = field(default=(), metadata={RISK: more})
    expiring: tuple[str, ...] = field(default=(), metadata={RISK: endangers})

    @classmethod
    def desired(cls, stage: Stage) -> "list[Repository]":
        """Return the project's repository, or the stage's own."""
        return [_repository(stage.config, stage.account)]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Repository]":
        """Return the repository, unless other stages use it."""
        if inventory.shared and not inventory.config.owns_repository:
            return []
        return [_repository(inventory.config, inventory.account)]

    def observe(self, reads: Reads) -> "Repository | None":
        """Read the repository, its policy and its tags."""
        answer = reads.read("ecr", "describe_repositories", repositoryNames=[self.name])
        if not answer or not answer["repositories"]:
            return None
        found: dict[str, Any] = answer["repositories"][0]
        listed = reads.read("ecr", "list_tags_for_resource", resourceArn=found["repositoryArn"])
        tags = tag_map((listed or {}).get("tags", []))
        which = {"repositoryName": self.name}
        reads.read_together(
            ("ecr", "get_repository_policy", which), ("ecr", "get_lifecycle_policy", which)
        )
        policy = reads.read("ecr", "get_repository_policy", **which)
        ours, others = self._parted(policy)
        statements = canonical({**json.loads(self.policy), "Statement": ours}) if ours else ""
        require_ours(
            self,
            tags,
            tagging=f"aws ecr tag-resource --resource-arn {found['repositoryArn']}",
            proven=bool(statements) and statements == self.policy,
        )
        return Repository(
            self.name,
            statements,
            known_tags(self.tags, tags),
            found.get("imageTagMutability") == "IMMUTABLE",
            bool(found.get("imageScanningConfiguration", {}).get("scanOnPush"))
            or _scanned_by_registry(reads),
            tuple(sorted(one.get("Sid", canonical(one)) for one in others if _for_everybody(one))),
            _expiring(reads.read("ecr", "get_lifecycle_policy", **which)),
        )

    def _parted(self, answer: dict[str, Any] | None) -> tuple[list[Any], list[Any]]:
        """Return a policy's statements with our ids, and the other ones."""
        sids = {one["Sid"] for one in json.loads(self.policy or "{}").get("Statement", [])}
        statements = _policy_of(answer).get("Statement", [])
        return (
            [one for one in statements if one.get("Sid") in sids],
            [one for one in statements if one.get("Sid") not in sids],
        )

    def create(self, context: Context) -> None:
        """Create it with its tags, then permit Lambda to read it."""
        context.clients.ecr.create_repository(
            repositoryName=self.name,
            tags=tag_list(self.tags),
            imageTagMutability=_mutability(self.immutable),
            imageScanningConfiguration={"scanOnPush": self.scan_on_push},
        )
        self._set_policy(context)

    def update(self, before: "Repository", context: Context) -> None:
        """Fix the differences."""
        ecr = context.clients.ecr
        if before.immutable != self.immutable:
            ecr.put_image_tag_mutability(
                repositoryName=self.name, imageTagMutability=_mutability(self.immutable)
            )
        if before.scan_on_push != self.scan_on_push:
            ecr.put_image_scanning_configuration(
                repositoryName=self.name,
                imageScanningConfiguration={"scanOnPush": self.scan_on_push},
            )
        if before.tags != self.tags:
            ecr.tag_resource(
                resourceArn=context.account.arn("ecr", f"repository/{self.name}"),
                tags=tag_list(self.tags),
            )
        if before.policy != self.policy or before.opened:
            self._set_policy(context)
        if before.expiring:
            self._keep_harmless_rules(context)

    def _keep_harmless_rules(self, context: Context) -> None:
        """Remove the lifecycle rules that may delete a release's image, and keep the others."""
        policy, which = ("ecr", "get_lifecycle_policy"), {"repositoryName": self.name}
        rules = _rules_of(context.reads.again(*policy, **which).read(*policy, **which))
        kept = [one for one in rules if not _may_delete(one)]
        if kept:
            context.clients.ecr.put_lifecycle_policy(
                **which, lifecyclePolicyText=canonical({"rules": kept})
            )
            return
        with missing_is_fine():
            context.clients.ecr.delete_lifecycle_policy(**which)

    def _set_policy(self, context: Context) -> None:
        """Write our statements into the policy, and keep others that don't permit everyone."""
        policy = ("ecr", "get_repository_policy")
        reads = context.reads.again(*policy, repositoryName=self.name)
        found = reads.read(*policy, repositoryName=self.name)
        wanted = json.loads(self.policy)
        others = [one for one in self._parted(found)[1] if not _for_everybody(one)]
        statements = [*wanted["Statement"], *others]
        whole = {**wanted, **_policy_of(found), "Statement": statements}
        context.clients.ecr.set_repository_policy(
            repositoryName=self.name, policyText=canonical(whole)
        )

    def delete(self, context: Context) -> None:
        """Delete it with all its images."""
        with missing_is_fine():
            context.clients.ecr.delete_repository(repositoryName=self.name, force=True)


def _repository(config: Config, account: Account) -> Repository:
    functions = account.arn("lambda", f"function:{config.repository_users}*")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LambdaReadsImages",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {"StringLike": {"aws:sourceArn": functions}},
            }
        ],
    }
    return Repository(config.repository, canonical(policy), config.repository_tags)


def _policy_of(answer: dict[str, Any] | None) -> dict[str, Any]:
    """Return the policy in a GetRepositoryPolicy response, with its statements as a list."""
    policy: dict[str, Any] = json.loads(answer["policyText"]) if answer else {}
    statements = policy.get("Statement", [])
    # IAM's grammar allows a single statement without a list.
    return {**policy, "Statement": statements if isinstance(statements, list) else [statements]}


def _for_everybody(statement: dict[str, Any]) -> bool:
    """Return whether a statement permits everyone; a condition may require an organization."""
    principal = statement.get("Principal")
    whom = principal.get("AWS") if isinstance(principal, dict) else principal
    allowed = statement.get("Effect") == "Allow" and not statement.get("Condition")
    return allowed and (whom == "*" or (isinstance(whom, list) and "*" in whom))


def _expiring(answer: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the lifecycle rules that may delete a release's image."""
    return tuple(
        f"rule {one.get('rulePriority')} ({one.get('selection', {}).get('tagStatus')})"
        for one in _rules_of(answer)
        if _may_delete(one)
    )


def _rules_of(answer: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the rules in a GetLifecyclePolicy response."""
    rules: list[dict[str, Any]] = (
        json.loads(answer["lifecyclePolicyText"]).get("rules", []) if answer else []
    )
    return rules


def _may_delete(rule: dict[str, Any]) -> bool:
    """Return whether a lifecycle rule may delete a release's image, which is always tagged.

    Amazon ECR user guide, "Lifecycle policy properties": tagStatus is untagged, tagged or any. A
    rule doesn't check whether Lambda uses an image.
    """
    return bool(rule.get("selection", {}).get("tagStatus") != "untagged")


def _scanned_by_registry(reads: Reads) -> bool:
    """Return whether the account has enhanced scanning, whose settings are the registry's.

    A repository's own setting is then false, and setting it has no effect
    (https://github.com/turbot/steampipe-mod-aws-compliance/issues/762).
    """
    found = reads.read("ecr", "get_registry_scanning_configuration") or {}
    return bool(found.get("scanningConfiguration", {}).get("scanType") == "ENHANCED")


def _mutability(immutable: bool) -> str:  # noqa: FBT001 - the value is the field's own
    return "IMMUTABLE" if immutable else "MUTABLE"
