"""Which route takes a request, as the developer guide of API Gateway has it."""

import pytest

from mldeploy.local.api.routes import Match, select

# The example of "Routing API requests":
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
GUIDE = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", ()),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", (("id", "2"),)),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", (("proxy", "cat/1"),)),
        ("POST", "/test/5", "ANY /{proxy+}", (("proxy", "test/5"),)),
        ("POST", "/pets/dog/1", "ANY /{proxy+}", (("proxy", "pets/dog/1"),)),
        ("GET", "/", "$default", ()),
    ],
)
def test_the_guides_own_example(
    method: str, path: str, route: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    """Exact before {name} before {name+} before $default."""
    assert select(GUIDE, method, path) == Match(route, parameters)


@pytest.mark.parametrize(
    ("routes", "method", "path", "route"),
    [
        (("ANY /a", "GET /a"), "GET", "/a", "GET /a"),
        (("ANY /a", "GET /a"), "POST", "/a", "ANY /a"),
        (("GET /{any+}", "ANY /a"), "GET", "/a", "ANY /a"),
        (("GET /{x}/b", "GET /a/{y}"), "GET", "/a/b", "GET /a/{y}"),
        (("GET /",), "GET", "/", "GET /"),
        (("POST /predict",), "GET", "/predict", None),
        (("POST /predict",), "POST", "/predict/", None),
        (("POST /predict",), "POST", "/predict/more", None),
        (("POST /a/{id}",), "POST", "/a/", None),
        (("POST /a/{rest+}",), "POST", "/a/", None),
        (("POST /Predict",), "POST", "/predict", None),
        (("GET /a/{x}",), "GET", "//a/b", "GET /a/{x}"),
        (("GET /a/b",), "GET", "/a//b", None),
        (("ANY /a",), "OPTIONS", "/a", "ANY /a"),
        (("ANY /a", "$default"), "GET", "/b", "$default"),
        (("GET /a", "$default"), "POST", "/a", "$default"),
        ((), "GET", "/", None),
    ],
)
def test_what_takes_a_request(
    routes: tuple[str, ...], method: str, path: str, route: str | None
) -> None:
    """The method's own route before ANY, the path before both; anything else takes nothing."""
    found = select(routes, method, path)
    assert (found.route if found else None) == route
