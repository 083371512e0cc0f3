"""JSON schemas (Draft 2020-12) of `/health` and `/metadata`."""

from endpoint.pages.schemas import Schema, members, reference

_TEXT: Schema = {"type": "string"}
_ANYTHING: Schema = {"type": "object"}
_LIST: Schema = {"type": "array", "items": {}}
_DTYPES = ["number", "integer", "boolean", "string", "datetime"]


def about_components() -> dict[str, Schema]:
    """Return the components of the two documents."""
    return {
        "Health": members(status={"type": "string", "enum": ["ok"]}, model=reference("Model")),
        "Feature": _feature(),
        "Signature": _signature(),
        "Metadata": _metadata(),
    }


def _feature() -> Schema:
    """Return the schema of a column as the signature has it."""
    found = members(
        name=_TEXT,
        dtype={"type": "string", "enum": _DTYPES},
        storage={**_TEXT, "description": "the dtype in training"},
        nullable={"type": "boolean"},
        days={"type": "boolean", "description": "whether training had days only, at midnight"},
        minimum={"description": "of training, rounded"},
        maximum={"description": "of training, rounded"},
        categories={**_LIST, "description": "values in training, if they are published"},
        closed={"type": "boolean", "description": "whether other values are refused"},
    )
    return {**found, "required": ["name", "dtype"]}


def _signature() -> Schema:
    found = members(
        task=_TEXT,
        input={"type": "string", "description": "what the estimator gets"},
        features={"type": "array", "items": reference("Feature")},
        classes=_LIST,
        class_names={"type": "array", "items": _TEXT},
        outputs={"type": "array", "items": _ANYTHING},
    )
    return {**found, "required": ["task", "features"]}


def _metadata() -> Schema:
    model = members(
        **dict.fromkeys(("release", "version", "sha256"), _TEXT),
        estimator={"type": ["string", "null"]},
        framework={"type": ["string", "null"]},
        bytes={"type": ["integer", "null"]},
    )
    found = members(
        model=model,
        signature=reference("Signature"),
        metrics={"type": ["object", "null"], "additionalProperties": {"type": ["number", "null"]}},
        evaluation={"type": ["object", "null"]},
        versions={"type": "object", "additionalProperties": _TEXT},
        example={"type": ["object", "null"]},
    )
    return {**found, "required": ["model", "signature"]}
