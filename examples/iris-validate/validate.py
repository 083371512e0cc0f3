"""Could this be an iris? The answer needs no model."""

import base64
import json

# Centimetres: what the data set has, with room around it.
RANGES = {
    "sepal length (cm)": (3, 10),
    "sepal width (cm)": (1, 6),
    "petal length (cm)": (0.5, 9),
    "petal width (cm)": (0.05, 4),
}


def handle(event, _context):
    """Answer `{"features": …}`, the body that /predict takes, with what is wrong with it."""
    try:
        features = features_of(event)
    except (ValueError, RecursionError) as error:
        return problem(400, f"the body isn't JSON: {error}")
    except TypeError as error:
        return problem(422, str(error))
    errors = [text for name in RANGES if (text := complaint(name, features[name]))]
    return answer(200, {"valid": not errors, "errors": errors})


def features_of(event):
    """Return the four values by name. ValueError: no JSON; TypeError: another shape."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body, validate=True)
    content = json.loads(body, parse_constant=no_constant)
    features = content.get("features") if isinstance(content, dict) else None
    if isinstance(features, list) and len(features) == len(RANGES):
        return dict(zip(RANGES, features, strict=True))
    if isinstance(features, dict) and features.keys() == RANGES.keys():
        return features
    raise TypeError(f'expected {{"features": …}} with four values, or these names: {list(RANGES)}')


def no_constant(name):
    raise ValueError(f"{name} is no JSON value")


def complaint(name, value):
    """Return what is wrong with a value, or ""."""
    low, high = RANGES[name]
    got = json.dumps(value)[:50]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{name}: expected a number, got {got}"
    if not low <= value <= high:
        return f"{name}: expected {low} to {high}, got {got}"
    return ""


def problem(status, detail):
    """Answer a request that can't be read, as RFC 9457 has it."""
    title = {400: "Bad Request", 422: "Unprocessable Entity"}[status]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return answer(status, body, "application/problem+json")


def answer(status, body, kind="application/json"):
    return {"statusCode": status, "headers": {"content-type": kind}, "body": json.dumps(body)}
