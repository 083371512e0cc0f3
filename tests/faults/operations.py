"""What mldeploy does to an account, as data: where each operation begins, and its command."""

from dataclasses import dataclass, replace

_HEAD = """\
[project]
name = "iris"
region = "eu-central-1"

[api]
auth = "none"
"""
_PREDICT = """
[functions.predict]
route = "POST /predict"
memory = 512
keep_warm = true
provisioned_concurrency = 1
reserved_concurrency = 5
"""
_CHECK = """
[functions.check]
route = "POST /check"
memory = 256
"""
_WINE = """
[models.wine]
[functions.wine]
route = "POST /wine"
model = "wine"
"""
ONE = _HEAD + _PREDICT
TWO = ONE + _CHECK
THREE = TWO + _WINE
"""Three functions of two models."""
SPARING = ONE + "[deploy]\nkeep = 1\n"
"""What isn't needed any more is removed."""


@dataclass(frozen=True)
class Step:
    """A command, and the project that it is run in.

    Attributes:
        command: as it is typed.
        config: mldeploy.toml.
        model: the content of the model; another one makes another image.
        wine: of the second model, where there is one.
    """

    command: tuple[str, ...] = ("deploy",)
    config: str = ONE
    model: str = "a model"
    wine: str = ""


@dataclass(frozen=True)
class Operation:
    """One thing that people do.

    Attributes:
        name: what it is called in the table.
        start: what was done before.
        step: the operation itself; run again, it finishes what it has begun.
        once: whether it is done with its last change; then it isn't run again, as that would be
            another one.
        again: what then changes nothing any more, where that is another command.
        then: what is done next in any case, and mends what a crash may leave: the pruning is only
            done by a deploy that changes something.
        versions: how many a function has in the end, where old ones are removed.
    """

    name: str
    start: tuple[Step, ...]
    step: Step
    once: bool = False
    again: Step | None = None
    then: Step | None = None
    versions: int | None = None

    @property
    def last(self) -> Step:
        """What, once more, changes nothing."""
        return self.again or self.then or self.step

    @property
    def destroy(self) -> Step:
        """What removes all that it may have made."""
        return replace(self.step, command=_DESTROY.command)


def _sparing(model: str) -> Step:
    return Step(config=SPARING, model=model)


_DEPLOYED = Step()
_BETTER = Step(model="a better model")
_DESTROY = Step(("destroy", "--confirm", "iris"))
_PROMOTE = Step(("promote", "dev", "prod"))

OPERATIONS = (
    Operation("first deploy", (), _DEPLOYED),
    Operation("first deploy of three functions", (), Step(config=THREE, wine="a wine model")),
    Operation("new model", (_DEPLOYED,), _BETTER),
    Operation("new model of two functions", (Step(config=TWO),), replace(_BETTER, config=TWO)),
    Operation(
        "new model, old ones removed",
        tuple(map(_sparing, ("a model", "a better model", "an even better model"))),
        _sparing("the best model"),
        then=_sparing("an even better one than the best"),
        versions=2,
    ),
    Operation("new memory", (_DEPLOYED,), Step(config=ONE.replace("512", "1024"))),
    Operation("function added", (_DEPLOYED,), Step(config=TWO)),
    Operation("function removed", (Step(config=TWO),), _DEPLOYED),
    Operation(
        "rollback",
        (_DEPLOYED, _BETTER),
        Step(("rollback",)),
        once=True,
        again=Step(("rollback", "1")),
    ),
    Operation(
        "rollback of two functions",
        (Step(config=TWO), replace(_BETTER, config=TWO)),
        Step(("rollback",), config=TWO),
        once=True,
        again=Step(("rollback", "1", "--function", "check"), config=TWO),
    ),
    Operation("promote", (_DEPLOYED,), _PROMOTE),
    Operation("promote once more", (_DEPLOYED, _PROMOTE, _BETTER), _PROMOTE),
    Operation("destroy", (_DEPLOYED,), _DESTROY),
)
BY_NAME = {one.name: one for one in OPERATIONS}


def of_a_rival(operation: Operation) -> Operation:
    """Return the same operation with another model."""
    return replace(operation, step=replace(operation.step, model="a rival's model"))
