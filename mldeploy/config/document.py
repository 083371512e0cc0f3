"""The pydantic models of the whole mldeploy.toml: the tables of `Config`'s fields.

Only `mldeploy.config` imports this, and lazily: importing pydantic takes 200 ms.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from mldeploy.config import SECTION, Config
from mldeploy.config.fields import Check, Schema, Setting, settings_of
from mldeploy.config.stages import SECTION as SECTION_NAMES
from mldeploy.config.stages import section_name
from mldeploy.config.tables import Table, in_file, key_of, made

_TEXTS = {
    "project": "The project.",
    "publish": "The parts of the training data that clients may read.",
    "logs": "The functions' logs.",
}
"""The descriptions of tables whose keys are fields of `Config` itself."""
_SETTINGS = settings_of(Config)


def _of(table: str, *, stages: bool) -> list[tuple[str, Any]]:
    """Return the keys of a table; if `stages`, only those that a stage may override."""
    wanted = (one for one in _SETTINGS if one.table == table and (one.stages or not stages))
    return [key_of(one) for one in wanted]


def _tables(settings: tuple[Setting, ...]) -> Iterator[tuple[str, Any]]:
    """Yield each table once, with its default."""
    known = set()
    for one in settings:
        if not one.table:
            yield key_of(one)
        elif one.table != SECTION and one.table not in known:
            known.add(one.table)
            table = StageProjectTable if one.table == "project" else _own(one.table)
            yield one.table, (table, table())


def _own(name: str) -> type[Table]:
    return made(f"{name.capitalize()}Table", _TEXTS[name], _of(name, stages=True))


StageProjectTable = made(
    "StageProjectTable",
    "The project's settings that a stage may change.",
    _of("project", stages=True),
)
ProjectTable = made(
    "ProjectTable",
    _TEXTS["project"],
    _of("project", stages=False),
    required=("name",),
)
StageTable = made("StageTable", "Overrides of one stage.", _tables(_SETTINGS))
SectionTable = made(
    "SectionTable", "A section of [stages].", _of(SECTION, stages=True), base=StageTable
)
Settings = made(
    "Settings",
    "The settings of one stage, after or before overrides.",
    [("project", (ProjectTable, ProjectTable()))],
    base=StageTable,
)
_Section = Annotated[str, Check(section_name), Schema({"pattern": SECTION_NAMES})]
Document = made(
    "Document",
    "mldeploy.toml.",
    [
        (
            "stages",
            (
                dict[in_file(_Section), SectionTable],  # type: ignore[misc]
                Field(
                    {},
                    description="Settings of a stage that differ from the rest of the file; "
                    '"pr-*" applies to pr-1, pr-2, …',
                ),
            ),
        )
    ],
    base=Settings,
    required=("project",),
)
