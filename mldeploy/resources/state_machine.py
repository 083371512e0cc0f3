"""The Step Functions state machine that scores in batches. Its role is one of the roles."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.config import Config
from mldeploy.config.batch import is_batch
from mldeploy.errors import MldeployError
from mldeploy.events import Waiting
from mldeploy.facts.thresholds import SETTLE_SECONDS
from mldeploy.resources.base import (
    Context,
    Reads,
    Shorthand,
    Tags,
    canonical,
    known_tags,
    require_ours,
    tag_map,
)
from mldeploy.resources.kind import Calls, Condition, Inventory, Phase, Stage, states_role_name
from mldeploy.resources.lambda_state import with_role_patience
from mldeploy.resources.states_language import definition
from mldeploy.resources.states_policy import machine_arn as arn_of

MACHINES = ("arn:*:states:{region}:*:stateMachine:{names}",)
EXECUTIONS = ("arn:*:states:{region}:*:execution:{names}",)
_TAGS = Shorthand("key={},value={}", " ")
_DELETING = "DELETING"


def _to_states(config: Config) -> Condition | None:
    """Return the condition that a role is passed only to Step Functions; None without [batch]."""
    if config.batch is None:
        return None
    return {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}


def _with_batches(config: Config) -> Condition | None:
    return {} if config.batch else None


@dataclass(frozen=True)
class StateMachine:
    """A state machine of the type STANDARD.

    Attributes:
        name: the batch function's.
        definition: canonical JSON in the Amazon States Language.
        role: ARN of the role that it assumes.
        tags: ours and the user's.
    """

    kind: ClassVar[str] = "state machine"
    phase: ClassVar[Phase] = Phase.AFTER_SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(
            (
                *("states:DescribeStateMachine", "states:ListTagsForResource"),
                *("states:DeleteStateMachine", "states:ListExecutions"),
            ),
            MACHINES,
        ),
        Calls(("states:StopExecution",), EXECUTIONS),
        Calls(
            ("states:CreateStateMachine", "states:TagResource", "states:UpdateStateMachine"),
            MACHINES,
            "Batch",
            when=_with_batches,
        ),
        Calls(("iam:PassRole",), ("{role}",), "PassRole", when=_to_states),
    )

    name: str
    definition: str = ""
    role: str = ""
    tags: Tags = ()
    status: str = field(default="", compare=False)

    @classmethod
    def desired(cls, stage: Stage) -> "list[StateMachine]":
        """Return one if the project scores in batches."""
        config, account = stage.config, stage.account
        if config.batch is None or config.batches is None:
            return []
        name = config.function_name(config.batches.name)
        role = account.arn("iam", f"role/{states_role_name(name, account.region)}", region="")
        text = canonical(definition(config.batch, account.partition))
        return [cls(name, text, config.role.arn or role, config.tags)]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[StateMachine]":
        """Return one per function that may score in batches."""
        tags = inventory.config.tags
        return [cls(one, tags=tags) for one in inventory.functions if is_batch(one)]

    def observe(self, reads: Reads) -> "StateMachine | None":
        """Read the state machine and its tags."""
        arn = arn_of(self.name, reads.account)
        found = reads.read("stepfunctions", "describe_state_machine", stateMachineArn=arn)
        if found is None or found.get("status") == _DELETING:
            return None
        listed = reads.read("stepfunctions", "list_tags_for_resource", resourceArn=arn) or {}
        tags = tag_map(listed.get("tags", []), "key", "value")
        tagging = f"aws stepfunctions tag-resource --resource-arn {arn}"
        require_ours(self, tags, tagging=tagging, form=_TAGS)
        return StateMachine(
            self.name,
            canonical(found["definition"]),
            found["roleArn"],
            known_tags(self.tags, tags),
            found.get("status", ""),
        )

    def create(self, context: Context) -> None:
        """Create it with its tags, after one of this name that is being deleted.

        CreateStateMachine ignores another role and other tags if the same definition exists (API
        reference), so that a repeated call succeeds.
        """
        self._wait_until_gone(context, f"create {self.kind} {self.name}")
        self._patiently(
            context,
            "create",
            lambda client: client.create_state_machine(
                name=self.name,
                definition=self.definition,
                roleArn=self.role,
                type="STANDARD",
                tags=self._tags(),
            ),
        )

    def update(self, before: "StateMachine", context: Context) -> None:
        """Fix definition and role, then the tags; running executions keep theirs.

        What UpdateStateMachine doesn't get, it leaves (API reference): logs, traces, encryption.
        """
        arn = arn_of(self.name, context.account)
        if (before.definition, before.role) != (self.definition, self.role):
            self._patiently(
                context,
                "update",
                lambda client: client.update_state_machine(
                    stateMachineArn=arn, definition=self.definition, roleArn=self.role
                ),
            )
        if before.tags != self.tags:
            client = context.clients.client("stepfunctions")
            client.tag_resource(resourceArn=arn, tags=self._tags())

    def delete(self, context: Context) -> None:
        """Stop its executions, then delete it and wait until it is gone.

        A state machine is deleted only when its executions have ended (DeleteStateMachine, API
        reference).
        """
        client, arn = context.clients.client("stepfunctions"), arn_of(self.name, context.account)
        with missing_is_fine():
            pages = client.get_paginator("list_executions").paginate(
                stateMachineArn=arn, statusFilter="RUNNING"
            )
            for running in pages.build_full_result().get("executions", []):
                with missing_is_fine():
                    client.stop_execution(
                        executionArn=running["executionArn"], cause="mldeploy destroy"
                    )
        with missing_is_fine():
            client.delete_state_machine(stateMachineArn=arn)
        self._wait_until_gone(context, f"delete {self.kind} {self.name}")

    def _tags(self) -> list[dict[str, str]]:
        return [{"key": name, "value": value} for name, value in self.tags]

    def _patiently(self, context: Context, verb: str, call: Any) -> None:
        client = context.clients.client("stepfunctions")
        step = f"{verb} {self.kind} {self.name}"
        with_role_patience(lambda: call(client), context, step, self.role)

    def _wait_until_gone(self, context: Context, step: str) -> None:
        """Wait while it is being deleted.

        Raises:
            MldeployError: MLD424 after ten minutes.
        """
        client, arn = context.clients.client("stepfunctions"), arn_of(self.name, context.account)
        for waited in context.clients.polls(SETTLE_SECONDS, every=2.0):
            try:
                found = client.describe_state_machine(stateMachineArn=arn)
            except client.exceptions.StateMachineDoesNotExist:
                return
            if found.get("status") != _DELETING:
                return
            context.emit(Waiting(step, "it is being deleted", waited))
        raise MldeployError(
            "MLD424",
            f"Step Functions is still deleting {self.name}",
            "wait until `aws stepfunctions describe-state-machine` doesn't find it, then run the "
            "same command again",
        )
