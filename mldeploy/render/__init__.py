"""The only code that prints: three renderers of the same events and results."""

from collections.abc import Sequence

from mldeploy.render.base import Renderer

__all__ = ["Renderer", "renderer_for"]


def renderer_for(
    command: str,
    output: str,
    debug: bool,  # noqa: FBT001 - as the flag says
    arguments: Sequence[str] = (),
) -> Renderer:
    """Return the renderer of an output: "human", "json", or "markdown" for a plan."""
    from mldeploy.render.human import Human
    from mldeploy.render.next_steps import carried

    human = Human(debug=debug, options=carried(arguments))
    match output:
        case "json":
            from mldeploy.render.json import Json

            return Json(command, human)
        case "markdown":
            from mldeploy.render.markdown import Markdown

            return Markdown(human)
        case _:
            return human
