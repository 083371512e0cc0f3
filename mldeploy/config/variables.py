"""The environment variables that tell the image's code a function's settings."""

from collections.abc import Mapping

from mldeploy.config.about import VARIABLE as ABOUT_VARIABLE
from mldeploy.config.about import about, documents
from mldeploy.config.functions import FunctionConfig
from mldeploy.config.paths import ROUTES_VARIABLE, SEPARATOR

HANDLER_VARIABLE = "MLDEPLOY_HANDLER"
"""The variable with the user's handler, for `endpoint.custom` in the image."""


def variables_of(
    function: FunctionConfig,
    texts: Mapping[str, str],
    routes: Mapping[FunctionConfig, tuple[str, ...]],
) -> dict[str, str]:
    """Return the variables with a function's settings for the image's code.

    Args:
        function: of the project.
        texts: of its pages.
        routes: that each function of the project serves.
    """
    if function.custom:
        return {HANDLER_VARIABLE: function.handler}
    told = {}
    if function.paths:
        told[ROUTES_VARIABLE] = SEPARATOR.join(routes[function])
    if documents(function):
        told[ABOUT_VARIABLE] = about(texts, function, routes)
    if function.max_body != FunctionConfig.max_body:
        told["MLDEPLOY_MAX_BODY"] = str(function.max_body)
    if function.max_rows != FunctionConfig.max_rows:
        told["MLDEPLOY_MAX_ROWS"] = str(function.max_rows)
    if function.extra_columns:
        told["MLDEPLOY_EXTRA_COLUMNS"] = function.extra_columns
    return told
