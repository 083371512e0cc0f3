"""The only code that prints: two renderers of the same events and results."""

from mldeploy.render.base import Renderer

__all__ = ["Renderer", "renderer_for"]


def renderer_for(command: str, as_json: bool, debug: bool) -> Renderer:  # noqa: FBT001 - both are what the flags say
    """Return the renderer for `-o json` or for people."""
    from mldeploy.render.human import Human
    from mldeploy.render.json import Json

    human = Human(debug=debug)
    return Json(command, human) if as_json else human
