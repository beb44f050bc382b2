"""Search by a part of a name, where ``%`` and ``_`` stand for any letters and any letter."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.jobs.models import Job
from app.lineage.marquez import paging, shapes
from app.lineage.marquez.asked import FURTHEST, Ask
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import identity

Json = dict[str, Any]


def found(ask: Ask) -> Json:
    """Answer the datasets and jobs whose name holds ``q``, by name or the latest first."""
    pattern = f"%{ask.text('q')}%"
    only = ask.choice("filter", "ALL", "ALL", "DATASET", "JOB")
    by_time = ask.choice("sort", "NAME", "NAME", "UPDATED_AT", "UPDATE_AT") != "NAME"
    total, rows = 0, []
    for kind, model in (("DATASET", Dataset), ("JOB", Job)):
        if only in {"ALL", kind}:
            count, some = _of(ask, model, pattern, by_time=by_time)
            total += count
            rows += [(kind, *row) for row in some]
    rows.sort(key=lambda row: (-row[3].timestamp() if by_time else 0, row[2], row[1], row[0]))
    return {"totalCount": min(total, FURTHEST), "results": [_told(*row) for row in rows[: ask.limit]]}


def _of(ask: Ask, model: Any, pattern: str, *, by_time: bool) -> tuple[int, list[Any]]:
    times = (
        (model.last_written_at, model.last_read_at, model.created_at)
        if model is Dataset
        else (model.last_run_at, model.created_at)
    )
    at = func.coalesce(*times)
    hit = model.name.ilike(pattern, escape="\\")
    select_ = select(model.namespace, model.name, at.label("at")).where(hit)
    if model is Job:
        select_ = select_.where(Job.origin != "named")
    if namespace := ask.args.get("namespace"):
        select_ = select_.where(model.namespace == identity(namespace, "").namespace)
    for name, side in (("before", at.__lt__), ("after", at.__ge__)):
        if (moment := ask.time(name)) is not None:
            select_ = select_.where(side(moment))
    order = (at.desc(), model.sort_name, model.id) if by_time else (model.sort_name, model.id)
    rows = ask.session.execute(select_.order_by(*order).limit(ask.limit)).all()
    return paging.total(ask, select_, model.id), list(rows)


def _told(kind: str, namespace: str, name: str, at: datetime) -> Json:
    return {
        "type": kind,
        "name": name,
        "updatedAt": shapes.iso(at),
        "namespace": namespace,
        "nodeId": f"{kind.lower()}:{namespace}:{name}",
    }
