"""Confirmation of plans: by a prompt, a flag, or the file."""

from collections.abc import Sequence

from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.monitoring.where import Where
from mldeploy.render import Renderer


def agrees_itself(settings: Config) -> bool:
    """Return whether a plan needs no confirmation.

    `--target local` is the user's own machine, where nothing is public or billed.
    """
    return settings.target == "local" or settings.deploy.approve == "auto"


def agreed(settings: Config, where: Where, renderer: Renderer, question: str, *, yes: bool) -> bool:
    """Return whether to apply a plan with changes.

    Args:
        settings: of the stage.
        where: the plan's place.
        renderer: prompts, on a terminal.
        question: such as "Apply this plan to".
        yes: whether it is already confirmed.

    Raises:
            MldeployError: MLD131 if it isn't confirmed and there is no terminal.
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
    """Show images that aren't proved to be ours, and require a prompt for them.

    Raises:
        MldeployError: MLD321 if there will be no prompt.
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
    """Require the confirmation of a removal.

    Because it can't be undone, the user types the project's name on a terminal, regardless of the
    file's settings.

    Raises:
        MldeployError: MLD106 for another name, MLD131 as in `agreed`; nothing was removed.
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
    """Return the error for an unconfirmed plan."""
    return MldeployError(
        "MLD131",
        f"the plan changes {where.text}, and there is no terminal to ask for confirmation "
        "(-o json never asks); nothing was changed",
        f"read the plan above, then run the same command with {flag}; or set "
        f'approve = "auto" under [deploy], or under [stages.{where.stage}.deploy] for this stage',
    )
