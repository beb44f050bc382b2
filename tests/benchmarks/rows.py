"""Many runs without the work of ingesting them: copies of ingested rows, made by the database itself."""

from sqlalchemy import Connection, Table

from app.db import Base
from app.jobs.models import Run, RunJob
from app.lineage.models import Edge, Interaction, Operation

AGO = "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-' || ((:count - n.i) * 7 + {0}) || ' seconds')"
NEWEST = "(SELECT max(number) FROM jobs_run WHERE number <= :base)"
NEW_ID = "lower(hex(randomblob(16)))"
# One run in so many has an operation and its interactions.
EVERY = 100


def grow(connection: Connection, count: int) -> None:
    """Copy the newest ingested run of each job until there are ``count`` runs more, seven seconds apart."""
    base = connection.exec_driver_sql("SELECT max(number) FROM jobs_run").scalar() or 0
    moments = {name: AGO.format(0) for name in ("ended_at", "last_event_at", "last_seen_at")}
    moments |= {name: AGO.format(5) for name in ("began_at", "started_at", "first_event_at")}
    fresh = {"number": ":base + n.i", "id": NEW_ID, "digest": "randomblob(16)", "reported_id": NEW_ID}
    each = "t.number = (SELECT max(number) - n.i % 100 FROM jobs_run WHERE number <= :base)"
    some = f"n.i % {EVERY} = 0 AND t.{{0}} = {NEWEST}"
    same = {"run": ":base + n.i", "first_at": AGO.format(5), "last_at": AGO.format(0)}
    seen = {"started_at": AGO.format(5), "ended_at": AGO.format(0)}
    values = {"base": base, "count": count}
    _copy(connection, Run.__table__, fresh | moments, each, values)
    _copy(connection, RunJob.__table__, same, each.replace("t.number", "t.run"), values)
    operation = {"number": ":base + n.i", "run": ":base + n.i", "id": NEW_ID}
    _copy(connection, Operation.__table__, operation | seen, some.format("number"), values)
    interaction = {"id": NEW_ID, "operation": ":base + n.i"}
    _copy(connection, Interaction.__table__, interaction | seen, some.format("operation"), values)
    _edges(connection)


def _copy(connection: Connection, table: Table, fresh: dict[str, str], where: str, values: dict[str, int]) -> None:
    names = [column.name for column in table.columns]
    cells = ", ".join(fresh.get(name, f't."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({quoted}) "  # noqa: S608 - our own names
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        f"SELECT {cells} FROM n CROSS JOIN {table.name} AS t WHERE {where}",
        values,
    )


def _edges(connection: Connection) -> None:
    """Count what the copies did, a row a day."""
    names = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[Edge.__tablename__].columns)
    connection.exec_driver_sql(
        f"INSERT OR IGNORE INTO lineage_edge ({names}) "  # noqa: S608 - our own names
        "SELECT realm_id, job_id, dataset_id, direction, type, date(started_at), count(*), sum(coalesce(num_rows, 0)), "
        "sum(coalesce(num_bytes, 0)), sum(coalesce(num_files, 0)) FROM lineage_interaction GROUP BY 1, 2, 3, 4, 5, 6"
    )
