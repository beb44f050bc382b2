"""From a step to its SQL text and its column lineage, so that the two always agree."""

from __future__ import annotations

import re
from datetime import datetime

from app.demo.facets import facet
from app.demo.model import Facets, Step
from app.demo.releases import as_of
from app.demo.world import World, dataset

REFERENCE = re.compile(r"\b([a-z])\.(\w+)")
AGGREGATE = re.compile(r"\b(sum|count|min|max|avg)\(")
MASKS = re.compile(r"\b(sha2|mask|md5)\(")
REBUILT = "shop.orders"
MERGED = (
    "merge into {0} as target using (\n{1}\n) as source\non target.{2} = source.{2}\n"
    "when matched then update all by name\nwhen not matched then insert all by name"
)
HEADS = {
    "spark": {"OVERWRITE": "INSERT OVERWRITE TABLE {}\n", "APPEND": "INSERT INTO TABLE {}\n"},
    "dbt": {
        "OVERWRITE": "create or replace transient table {} as\n",
        "APPEND": "insert into {}\n",
        "MERGE": "",
    },
    "airflow": {"OVERWRITE": "INSERT INTO {}\n", "APPEND": "INSERT INTO {}\n"},
}


def expressions(step: Step, world: World, moment: datetime) -> dict[str, str]:
    """Return the expression of every output column, in the order of the output's schema."""
    found = {}
    for one in world.fields(step.writes, moment):
        found[one.name] = step.select.get(one.name) or _same_column(step, one.name, world, moment)
    return found


def _same_column(step: Step, name: str, world: World, moment: datetime) -> str:
    for alias, key in step.reads.items():
        for one in world.fields(key, moment):
            if one.name.lower() == name.lower():
                return f"{alias}.{one.name}"
    return "current_timestamp()"


def sql(step: Step, world: World, moment: datetime, dialect: str) -> str:
    """Return the statement of a step; dialect is spark, dbt or airflow."""
    step, target = as_of(step, world.day(moment)), dataset(step.writes).table
    if step.mode == "COPY":
        return _rebuild(step, world, moment) if _is_weekly(step, world, moment) else _copy(step, target)
    columns = expressions(step, world, moment)
    lines = [HEADS[dialect][step.mode].format(target) + "select"]
    lines.append(",\n".join(f"    {_aliased(text, name)}" for name, text in columns.items()))
    for position, (alias, key) in enumerate(step.reads.items()):
        table = dataset(key).table
        lines.append(f"from {table} {alias}" if position == 0 else f"left join {table} {alias} on {step.joins[alias]}")
    if step.where:
        lines.append(f"where {step.where}")
    if keys := _grouped(columns):
        lines.append("group by " + ", ".join(keys))
    text = "\n".join(lines)
    return MERGED.format(target, text, next(iter(columns))) if step.mode == "MERGE" else text


def _is_weekly(step: Step, world: World, moment: datetime) -> bool:
    """Tell whether this load rebuilds its table; one table is, every seventh day."""
    return step.writes == REBUILT and world.day(moment) % 7 == 0


def _rebuild(step: Step, world: World, moment: datetime) -> str:
    """Return a load that makes the table anew, with the columns the files have on that day."""
    source = dataset(next(iter(step.reads.values())))
    names = [one.name for one in world.fields(source.key, moment)]
    columns = ",\n".join(f"    $1:{name} as {name.upper()}" for name in names)
    table = dataset(step.writes).table
    return f"create or replace table {table} as\nselect\n{columns}\nfrom @RAW.PUBLIC.LAKE_STAGE/{source.name}/"


def _copy(step: Step, target: str) -> str:
    """Return a COPY of files into a table, as Snowflake wants it."""
    source = dataset(next(iter(step.reads.values())))
    return (
        f"COPY INTO {target}\nFROM @RAW.PUBLIC.LAKE_STAGE/{source.name}/\n"
        "FILE_FORMAT = (TYPE = PARQUET)\nMATCH_BY_COLUMN_NAME = CASE_INSENSITIVE\nPURGE = FALSE"
    )


def _aliased(text: str, name: str) -> str:
    return text if text.partition(".")[2] == name else f"{text} as {name}"


def _grouped(columns: dict[str, str]) -> list[str]:
    """Return what to group by: all that is no aggregate, if anything is one."""
    if not any(AGGREGATE.search(text) for text in columns.values()):
        return []
    return [text for text in columns.values() if REFERENCE.search(text) and not AGGREGATE.search(text)]


def _kind(text: str) -> Facets:
    """Return the transformation an expression is."""
    masking = bool(MASKS.search(text))
    subtype = "AGGREGATION" if AGGREGATE.search(text) else "TRANSFORMATION"
    if REFERENCE.fullmatch(text):
        subtype = "IDENTITY"
    return {"type": "DIRECT", "subtype": subtype, "description": "", "masking": masking}


def column_lineage(step: Step, world: World, moment: datetime, producer: str) -> Facets:
    """Return the columnLineage facet: direct inputs per column, indirect ones for the whole dataset."""
    columns = expressions(step, world, moment)
    fields = {name: {"inputFields": _inputs(step, text, _kind(text))} for name, text in columns.items()}
    indirect: list[Facets] = []
    influences = [("JOIN", text) for text in step.joins.values()]
    influences += [("FILTER", step.where)] + [("GROUP_BY", text) for text in _grouped(columns)]
    for subtype, text in influences:
        kind: Facets = {"type": "INDIRECT", "subtype": subtype, "description": "", "masking": False}
        indirect += _inputs(step, text, kind)
    return facet(
        "columnLineage", producer, fields={k: v for k, v in fields.items() if v["inputFields"]}, dataset=indirect
    )


def _inputs(step: Step, text: str, kind: Facets) -> list[Facets]:
    """Return every column an expression refers to, as input fields."""
    found: dict[tuple[str, str], Facets] = {}
    for alias, column in REFERENCE.findall(text):
        one = dataset(step.reads[alias])
        found[alias, column] = {
            "namespace": one.namespace,
            "name": one.name,
            "field": column,
            "transformations": [kind],
        }
    return list(found.values())
