"""Validated settings as frozen data."""

from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from mldeploy.config import SECTION, ApiConfig, Config, FunctionConfig, ImageConfig, ModelConfig
from mldeploy.config.batch import batch_function, scorer
from mldeploy.config.fields import Setting, settings_of
from mldeploy.config.paths import PATHS
from mldeploy.config.references import Reference, Source

if TYPE_CHECKING:
    from mldeploy.config.tables import Table

Kind = TypeVar("Kind")


def freeze(
    settings: "Table", *, file: Path, stage: str, region: str, profile: str | None
) -> Config:
    """Freeze validated settings."""
    tables: Any = settings
    plain = frozen(
        Config,
        tables,
        root=file.parent,
        file=file,
        stage=stage,
        region=region,
        profile=profile,
        name=tables.project.name or "",
        python=tables.project.python or "",
        image=_image(tables.image, file.parent),
        functions=tuple(_function(*one) for one in sorted(tables.functions.items())),
        models=tuple(_model(*one) for one in sorted(tables.models.items())),
        # The checks have ensured that there is one if it is needed.
        api=frozen(ApiConfig, tables.api, auth=tables.api.auth or "iam"),
    )
    return with_batches(plain)


def with_batches(config: Config) -> Config:
    """Return a project with the function that [batch] asks for.

    If it isn't clear whose model scores, there is none, and the checks say so.
    """
    scored = scorer(config.batch, config.functions) if config.batch else None
    if config.batch is None or scored is None:
        return config
    return replace(config, functions=(*config.functions, batch_function(config.batch, scored)))


def frozen(kind: type[Kind], table: Any, **told: Any) -> Kind:
    """Return a dataclass with a table's values; missing ones have their defaults.

    Args:
        kind: the dataclass whose fields are the table's keys.
        table: validated.
        told: fields that aren't taken from the table.
    """
    described: Any = kind
    wanted = (
        one for one in settings_of(described) if one.field not in told and one.table != SECTION
    )
    values = {one.field: _value(one, table) for one in wanted}
    return kind(**{name: one for name, one in values.items() if one is not None}, **told)


def _value(setting: Setting, table: Any) -> Any:
    """Return a field's value, or None if it isn't in the file."""
    holder = getattr(table, setting.table) if setting.table else table
    value = getattr(holder, setting.key)
    if value is None or setting.into is None:
        return _plain(value, setting)
    return setting.into(value)


def _plain(value: Any, setting: Setting) -> Any:
    kinds: list[Any] = [one for one in (setting.type, *get_args(setting.type)) if is_dataclass(one)]
    if value is not None and kinds:
        return frozen(kinds[0], value)
    return tuple(value) if isinstance(value, list) else value


def _image(table: Any, root: Path) -> ImageConfig:
    """Freeze [image]; the CA bundle's path becomes absolute."""
    found = frozen(ImageConfig, table)
    if not found.ca_bundle:
        return found
    return replace(found, ca_bundle=str(root / Path(found.ca_bundle).expanduser()))


def _model(name: str, table: Any) -> ModelConfig:
    return frozen(
        ModelConfig, table, name=name, train=table.train or f"{name.replace('-', '_')}.py"
    )


def _function(name: str, table: Any) -> FunctionConfig:
    """Freeze [functions.<name>], whose route is POST /<name> by default."""
    texts = [(key, one) for key, one in table.environment.items() if isinstance(one, str)]
    sources = [(key, one) for key, one in table.environment.items() if not isinstance(one, str)]
    return frozen(
        FunctionConfig,
        table,
        name=name,
        route="" if table.route is False else table.route or f"POST /{name}",
        environment=tuple(sorted(texts)),
        secrets=tuple(sorted(_reference(key, frozen(Source, one)) for key, one in sources)),
        paths=tuple(one for one in PATHS if one in table.paths),
    )


def _reference(variable: str, source: Source) -> Reference:
    return Reference(
        variable,
        "ssm" if source.ssm else "secretsmanager",
        source.ssm or source.secretsmanager,
        source.json_key,
        source.kms_key,
    )
