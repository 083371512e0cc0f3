"""Who agrees to a plan: a person on a terminal, a flag, or the file."""

from collections.abc import Sequence

from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.monitoring.where import Where
from mldeploy.render import Renderer


def agrees_itself(settings: Config) -> bool:
    """Return whether nobody has to agree to a plan.

    `--target local` is the user's own machine: nothing there is public or billed.
    """
    return settings.target == "local" or settings.deploy.approve == "auto"


def agreed(settings: Config, where: Where, renderer: Renderer, question: str, *, yes: bool) -> bool:
    """Return whether to carry out a plan that changes something.

    Args:
        settings: of the stage.
        where: the plan's place.
        renderer: asks, on a terminal.
        question: such as "Apply this plan to".
        yes: whether the user has agreed beforehand.

    Raises:
        MldeployError: MLD131 where nobody has agreed and nobody can be asked.
    """
    if yes or agrees_itself(settings):
        return True
    if not renderer.interactive:
        raise _nobody_agreed(where, "--yes")
    if renderer.confirm(f"{question} {where.text}?"):
        return True
    renderer.say("Nothing was changed.")
    return False


def require_person(
    settings: Config, where: Where, renderer: Renderer, digests: Sequence[str], *, yes: bool
) -> None:
    """See that a person is asked about images that nothing proves; they are shown.

    Raises:
        MldeployError: MLD321 where nobody will be asked.
    """
    if settings.target == "local":
        return
    shown = ", ".join(digests)
    if yes or agrees_itself(settings) or not renderer.interactive:
        raise MldeployError(
            "MLD321",
            f"{where.text} would run {shown}, but this machine has no proof that the project's "
            "build pushed it; anyone who may push to the repository or change the other stage "
            "could have replaced it; nothing was changed",
            f"check the digest and pass it: --digest {digests[0]}; or run the command on a "
            "terminal; or sign images: [sign] key",
            exit_code=ExitCode.USAGE,
        )
    renderer.say(f"This machine has no proof that the project's build pushed {shown}.")


def require_name(
    settings: Config, where: Where, renderer: Renderer, confirm: str | None, *, yes: bool
) -> None:
    """Go on with a removal only if somebody agreed to it.

    It can't be undone: on a terminal a person types the project's name, whatever the file says.

    Raises:
        MldeployError: MLD106 for another name, MLD131 as `agreed`; nothing was removed.
    """
    if confirm is None and not yes:
        if settings.target == "local" or (agrees_itself(settings) and not renderer.interactive):
            return
        if not renderer.interactive:
            raise _nobody_agreed(where, f"--yes or --confirm {settings.name}")
        question = f"Type the project's name ({settings.name}) to remove {where.text}"
        confirm = renderer.ask(question, "")
    if confirm is not None and confirm != settings.name:
        given = f"{confirm!r} isn't the project's name" if confirm else "no name was given"
        raise MldeployError(
            "MLD106", f"{given}; nothing was removed", f"pass --confirm {settings.name}"
        )


def _nobody_agreed(where: Where, flag: str) -> MldeployError:
    """Return the error of a plan that nobody has agreed to."""
    return MldeployError(
        "MLD131",
        f"the plan changes {where.text}, and there is no terminal to ask for confirmation "
        "(-o json never asks); nothing was changed",
        f"read the plan above, then run the same command with {flag}; or set "
        f'approve = "auto" under [deploy], or under [stages.{where.stage}.deploy] for this stage',
    )
