"""A function's execution role."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mldeploy.aws import missing_is_fine
from mldeploy.resources.base import (
    Context,
    Tags,
    canonical,
    known_tags,
    require_ours,
    tag_list,
    tag_map,
)

POLICY_NAME = "mldeploy"


@dataclass(frozen=True)
class Role:
    """A role that Lambda may assume, with one inline policy.

    Attributes:
        name: of the role; unique in the account, so it carries the region.
        trust: canonical JSON of who may assume it.
        policy: canonical JSON of what it may do.
        boundary: ARN of a permissions boundary, or None.
        tags: ours and the user's.
    """

    kind: ClassVar[str] = "role"
    actions: ClassVar[tuple[str, ...]] = (
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:PassRole",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UpdateAssumeRolePolicy",
    )

    name: str
    trust: str = ""
    policy: str = ""
    boundary: str | None = None
    tags: Tags = ()

    def observe(self, context: Context) -> "Role | None":
        """Read the role, its tags and its inline policy."""
        answer = context.clients.read("iam", "get_role", RoleName=self.name)
        if answer is None:
            return None
        found = answer["Role"]
        tags = tag_map(found.get("Tags", []))
        require_ours(self.kind, self.name, self.tags, tags)
        policy = context.clients.read(
            "iam", "get_role_policy", RoleName=self.name, PolicyName=POLICY_NAME
        )
        return Role(
            self.name,
            canonical(found["AssumeRolePolicyDocument"]),
            canonical(policy["PolicyDocument"]) if policy else "",
            found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            known_tags(self.tags, tags),
        )

    def create(self, context: Context) -> None:
        """Create it with its tags, then its policy."""
        boundary = {"PermissionsBoundary": self.boundary} if self.boundary else {}
        context.clients.iam.create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=self.trust,
            Description="Execution role of a function deployed by mldeploy",
            Tags=tag_list(self.tags),
            **boundary,
        )
        self._put_policy(context)

    def update(self, before: "Role", context: Context) -> None:
        """Mend what differs."""
        iam = context.clients.iam
        if before.trust != self.trust:
            iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=self.trust)
        if before.boundary != self.boundary:
            if self.boundary:
                iam.put_role_permissions_boundary(
                    RoleName=self.name, PermissionsBoundary=self.boundary
                )
            else:
                iam.delete_role_permissions_boundary(RoleName=self.name)
        if before.tags != self.tags:
            iam.tag_role(RoleName=self.name, Tags=tag_list(self.tags))
        if before.policy != self.policy:
            self._put_policy(context)

    def _put_policy(self, context: Context) -> None:
        context.clients.iam.put_role_policy(
            RoleName=self.name, PolicyName=POLICY_NAME, PolicyDocument=self.policy
        )

    def delete(self, context: Context) -> None:
        """Empty it, then delete it: IAM refuses to delete a role that still has policies.

        Each call may find that it was made before: its first answer got lost.
        """
        iam, role = context.clients.iam, {"RoleName": self.name}
        inline: list[str] = []
        attached: list[dict[str, str]] = []
        with missing_is_fine():
            inline = iam.list_role_policies(**role)["PolicyNames"]
            attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
        for name in inline:
            with missing_is_fine():
                iam.delete_role_policy(**role, PolicyName=name)
        for policy in attached:
            with missing_is_fine():
                iam.detach_role_policy(**role, PolicyArn=policy["PolicyArn"])
        with missing_is_fine():
            iam.delete_role(**role)


def lambda_trust() -> str:
    """Return the policy that lets Lambda, and nobody else, assume a role."""
    return canonical(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )


def execution_policy(log_group_arn: str, more: Sequence[dict[str, Any]] = ()) -> str:
    """Return the least that a function needs: to write to its own log group, and `more`.

    There is no `logs:CreateLogGroup`: the deployment owns the group, so that a last log line
    can't bring it back after destroy.
    """
    return canonical(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": f"{log_group_arn}:*",
                },
                *more,
            ],
        }
    )
