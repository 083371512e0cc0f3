"""The roles that functions and state machines assume."""

from dataclasses import dataclass, field
from typing import ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.config.batch import ROLE_SUFFIX
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
from mldeploy.resources.kind import Calls, Inventory, Phase, Stage
from mldeploy.resources.risk import RISK, fewer_bounds, more, more_allowed
from mldeploy.resources.role_calls import ROLE_CALLS
from mldeploy.resources.role_desired import names_of, roles_of

POLICY_NAME = "mldeploy"
DESCRIPTION = "Execution role of a function deployed by mldeploy"
STATES_DESCRIPTION = "Execution role of a state machine deployed by mldeploy"


@dataclass(frozen=True)
class Role:
    """A role that one service can assume, with an inline policy and configured managed policies.

    Attributes:
        name: of the role; unique in the account, so it contains the region.
        trust: canonical JSON of the trust policy.
        policy: canonical JSON of the inline policy.
        boundary: ARN of a permissions boundary, or None.
        managed: sorted ARNs of the attached managed policies.
        inline: the names of other inline policies, which weren't created by mldeploy.
        tags: ours and the user's.
    """

    kind: ClassVar[str] = "role"
    phase: ClassVar[Phase] = Phase.BEFORE_SHIFT
    proof: ClassVar[str] = "its description"
    calls: ClassVar[tuple[Calls, ...]] = ROLE_CALLS

    name: str
    trust: str = field(default="", metadata={RISK: more_allowed})
    policy: str = field(default="", metadata={RISK: more_allowed})
    boundary: str | None = field(default=None, metadata={RISK: fewer_bounds})
    managed: tuple[str, ...] = field(default=(), metadata={RISK: more})
    inline: tuple[str, ...] = field(default=(), metadata={RISK: more})
    tags: Tags = ()

    @classmethod
    def desired(cls, stage: Stage) -> "list[Role]":
        """Return one per function and one per state machine, unless the user provides one."""
        if stage.config.role.arn:
            return []
        return roles_of(stage, cls)

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Role]":
        """Return those that may exist, even if the user now provides one."""
        names = names_of(inventory.functions, inventory.account.region)
        return [cls(one, tags=inventory.config.tags) for one in names]

    def observe(self, reads: Reads) -> "Role | None":
        """Read the role, its tags and all its policies."""
        read, which = reads.read, {"RoleName": self.name}
        answer = read("iam", "get_role", **which)
        if answer is None:
            return None
        found = answer["Role"]
        tags = tag_map(found.get("Tags", []))
        require_ours(
            self,
            tags,
            tagging=f"aws iam tag-role --role-name {self.name}",
            proven=found.get("Description") in {DESCRIPTION, STATES_DESCRIPTION},
        )
        ours = {**which, "PolicyName": POLICY_NAME}
        reads.read_together(
            ("iam", "get_role_policy", ours),
            ("iam", "list_attached_role_policies", which),
            ("iam", "list_role_policies", which),
        )
        policy = read("iam", "get_role_policy", **ours)
        attached = read("iam", "list_attached_role_policies", **which) or {}
        inline = read("iam", "list_role_policies", **which) or {}
        return Role(
            self.name,
            canonical(found["AssumeRolePolicyDocument"]),
            canonical(policy["PolicyDocument"]) if policy else "",
            found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            tuple(sorted(one["PolicyArn"] for one in attached.get("AttachedPolicies", []))),
            tuple(sorted({*inline.get("PolicyNames", [])} - {POLICY_NAME})),
            known_tags(self.tags, tags),
        )

    def create(self, context: Context) -> None:
        """Create it with its tags, then its policy."""
        boundary = {"PermissionsBoundary": self.boundary} if self.boundary else {}
        context.clients.iam.create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=self.trust,
            Description=STATES_DESCRIPTION if self.name.endswith(ROLE_SUFFIX) else DESCRIPTION,
            Tags=tag_list(self.tags),
            **boundary,
        )
        self._put_policy(context)
        self._attach((), context)

    def update(self, before: "Role", context: Context) -> None:
        """Fix the differences; excess permissions are removed first.

        The boundary is set before policies, because a deployer may be restricted to roles with it.
        """
        iam = context.clients.iam
        for name in before.inline:
            with missing_is_fine():
                iam.delete_role_policy(RoleName=self.name, PolicyName=name)
        if before.boundary != self.boundary:
            if self.boundary:
                iam.put_role_permissions_boundary(
                    RoleName=self.name, PermissionsBoundary=self.boundary
                )
            else:
                iam.delete_role_permissions_boundary(RoleName=self.name)
        self._attach(before.managed, context)
        if before.trust != self.trust:
            iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=self.trust)
        if before.tags != self.tags:
            iam.tag_role(RoleName=self.name, Tags=tag_list(self.tags))
        if before.policy != self.policy:
            self._put_policy(context)

    def _attach(self, attached: tuple[str, ...], context: Context) -> None:
        """Detach unwanted managed policies, and attach the missing ones."""
        for arn in sorted(set(attached) - set(self.managed)):
            with missing_is_fine():
                context.clients.iam.detach_role_policy(RoleName=self.name, PolicyArn=arn)
        for arn in sorted(set(self.managed) - set(attached)):
            context.clients.iam.attach_role_policy(RoleName=self.name, PolicyArn=arn)

    def _put_policy(self, context: Context) -> None:
        context.clients.iam.put_role_policy(
            RoleName=self.name, PolicyName=POLICY_NAME, PolicyDocument=self.policy
        )

    def delete(self, context: Context) -> None:
        """Delete its policies, then the role: IAM doesn't delete a role that still has policies.

        Each call may already have succeeded, if its first response was lost.
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
