"""What programs are told of datasets, search and the graph."""

from typing import Any, Final

from app.lineage import asked, ways
from app.lineage.graph.reach.impact import FILTERS
from app.web.described import describe

DATASETS: Final = "Datasets"
GRAPH: Final = "Graph"
FIND: Final = "Search and names"
NAME: Final = {"id": 17, "namespace": "postgres://db:5432", "name": "shop.public.orders"}
ROW: Final[dict[str, Any]] = {
    **NAME,
    "platform": "postgres",
    "location": "db",
    "storage": "shop",
    "label": "public.orders",
    "format": None,
    "type": "TABLE",
    "last_written_at": "2026-03-02T09:03:00Z",
    "freshness": "fresh",
    "rows": 212043,
    "quality": "ok",
    "owners": ["team:shop"],
    "tags": ["pii: true"],
}
QUERY: Final = {
    "q": "Words in names, columns, owners, tags and descriptions; `owner:`, `tag:`, `column:` narrow it.",
    "platform": "Such as `postgres`, `s3`, `kafka`; this and the others may be given several times.",
    "location": "The number of a location.",
    "storage": "The number of a storage.",
    "owner": "Who answers for it.",
    "tag": "A tag it carries.",
    "column": "The name of a column it has.",
    "freshness": "`fresh`, `late`, `unknown` and the other words of the list.",
    "quality": "`ok`, `warn`, `error` or `unknown`.",
    "state": "`never_written`, `never_read`, `dropped` or `archived`, which are left out else.",
    "type": "Such as `TABLE` or `VIEW`.",
    "unused": "Not read for so many days.",
}
WALK: Final = {
    "direction": "`both`, `up` or `down`.",
    "depth": "How many edges far, 1 to 20.",
    "jobs": "`job`, `run`, `operation` or `hidden`.",
    "data": "`dataset`, `column` or `hidden`.",
    "fold": "`auto`, `none` or `root`: how parts become one job.",
    "view": "`current`, `window` or `ever`.",
    "since": "The beginning of a window.",
    "until": "The end of a window.",
    "as_of": "A date or time: the graph as it was then.",
    "evidence": "Which edges count: `explicit`, `column`, `operation`, `declared`, `possible`, `renamed`, `control`.",
    "noise": "`hide` or `show`.",
    "group": "`on` or `off`: datasets that differ only in a partition as one.",
    "column": "A column of the start.",
}
SEEN: Final = {
    "against": "Another date: `change` of a node or edge says that it came, went or changed since.",
    "select": "A node to follow.",
    "open": "Nodes opened one by one, such as `dataset:17.up`.",
    "hide": "Nodes left out.",
    "max": "How many nodes at most, 10 to 250.",
}
START: Final = {"start": "A node such as `dataset:17`, `job:5`, `location:3`; up to 20."}
NODE: Final = {
    "id": "dataset:17",
    "kind": "dataset",
    "namespace": NAME["namespace"],
    "name": NAME["name"],
    "label": "public.orders",
    "distance": 0,
    "hidden_up": 1,
    "hidden_down": 0,
}
EDGE: Final = {
    "from": "job:5",
    "to": "dataset:17",
    "evidence": "operation",
    "types": ["APPEND"],
    "runs": 12,
    "rows": 1000,
    "bytes": None,
    "files": None,
    "first_seen": "2026-02-01",
    "last_seen": "2026-03-02",
    "running": False,
}
REACHED: Final = {
    "id": "job:5",
    "kind": "job",
    "namespace": "etl",
    "name": "load_orders",
    "degree": 1,
    "via": "dataset:17",
    "owners": ["team:shop"],
    "tags": [],
    "state": "completed",
    "last_activity": "2026-03-02T09:03:00Z",
}
EXPECTATION: Final = {"every_s": 86_400, "by": "06:00", "zone": "Europe/Berlin", "min_rows": 1}


def init() -> None:
    """Say it."""
    used = {"readers": 3, "writers": 1}
    describe("api_explore.datasets", DATASETS, query=QUERY, paged=True, answer=_page({**ROW, **used}))
    fields: list[dict[str, Any]] = [{"path": "id", "type": "bigint", "description": None, "tags": []}]
    whole: dict[str, Any] = {
        **ROW,
        "archived_at": None,
        "description": "One row per order.",
        "names": [NAME],
        "fields": fields,
        "expectation": EXPECTATION,
    }
    describe("api_explore.dataset", DATASETS, answer=whole)
    said: dict[str, Any] = {
        "description": "One row per order.",
        "owners": ["team:shop"],
        "tags": ["gold"],
        "expectation": EXPECTATION,
    }
    said["archived"] = False
    describe("api_annotate.patch", DATASETS, body=said, answer=whole)
    _parts()
    _names()
    _graph()
    _impact()
    _path()


def _parts() -> None:
    stretch = {"first_at": "2026-02-01T09:00:00Z", "last_at": "2026-03-02T09:03:00Z"}
    version = {"id": 3, "schema": 2, **stretch, "fields": 9, "directions": ["output"]}
    describe("api_explore.versions", DATASETS, answer=_page(version))
    run = "01941f29-7c00-7000-8000-000000000001"
    write: dict[str, Any] = {"run": run, "job_namespace": "etl", "job": "load_orders", "type": "APPEND", "rows": 1000}
    write |= {"started_at": stretch["first_at"], "ended_at": stretch["last_at"], "status": "completed", "bytes": 4096}
    side = {"direction": "`output` for writes, `input` for reads; both unless given."}
    describe(
        "api_explore.interactions", DATASETS, query=side, paged=True, answer=_page({"direction": "output", **write})
    )
    check: dict[str, Any] = {"name": "not_null", "column": "id", "state": "ok", "severity": "error"}
    check |= {"at": stretch["last_at"], "expected": None, "actual": None}
    describe("api_explore.checks", DATASETS, answer=_page(check))
    end = {"dataset": NAME, "column": "id", "kinds": "identity", "masked": False}
    describe("api_explore.column_lineage", DATASETS, answer=_page({"column": "id", "sources": [end], "targets": []}))
    link = {"id": 4, "dataset": NAME, "other": {**NAME, "id": 18}, "type": "TABLE", "suppressed_at": None}
    describe("api_explore.symlinks", DATASETS, answer=_page(link))
    describe("api_annotate.suppress", DATASETS, body={"why": "Two tables of one name."}, answer=link)


def _names() -> None:
    hit = {"kind": "dataset", **NAME}
    query = {"q": "What to look for.", "kind": "`dataset`, `job`, `run`, `location` or `column`."}
    answer = {"items": [{**hit, "matched": [{"what": "tag", "text": "pii"}]}], "next": None, "did_you_mean": []}
    describe("api_find.search", FIND, query=query, required={"q": "orders"}, answer=answer)
    exact = {
        "kind": "`dataset`, `job` or `run`.",
        "namespace": "Its namespace.",
        "name": "Its name.",
        "id": "Of a run.",
    }
    given = {"kind": "dataset", "namespace": "postgres://db:5432", "name": "shop.public.orders"}
    describe("api_find.resolve", FIND, query=exact, required=given, status=303, answer=hit)


def _graph() -> None:
    start = {"start": "dataset:17"}
    forms = {"format": "`json`, `csv`, `dot`, `mermaid` or `svg`; or ask by the header Accept."}
    drawn = {
        "start": ["dataset:17"],
        "as_of": "2026-03-02",
        "view": "current",
        "nodes": [NODE],
        "edges": [EDGE],
        "column_edges": [],
        "omitted": {"noise": 4, "max": 0},
        "truncated": False,
    }
    describe("api_graph.graph", GRAPH, query={**START, **WALK, **SEEN, **forms}, required=start, answer=drawn)


def _impact() -> None:
    narrowed = {
        "how": "`direct`, `indirect` or `both`: which column edges count.",
        "kind": "Only nodes of this kind.",
        **dict.fromkeys(FILTERS, "Only rows with this value."),
        "q": "Words in names.",
        "owner": "Only what this owner answers for.",
        "tag": "Only what carries this tag.",
        "format": "`csv` for the whole list as a file.",
        "limit": "How many at a time; without it the whole list.",
        "after": "The cursor `next` of the part before.",
        "before": "A cursor, to walk back.",
    }
    reached = {
        "start": ["dataset:17"],
        "total": 113,
        "complete_to": 20,
        "truncated": False,
        "totals": {"degree": {"1": 1}, "kind": {"job": 49}, "owner": {"team:shop": 12}},
        "items": [REACHED],
        "next": None,
    }
    describe(
        "api_impact.impact",
        GRAPH,
        query={**_walked(asked.WALKED), **narrowed},
        required={"start": "dataset:17"},
        answer=reached,
    )


def _path() -> None:
    step = {"from": "dataset:17", "to": "job:5", "evidence": "operation", "types": ["READ"], "runs": 12}
    way = {"length": 1, "nodes": ["dataset:17", "job:5"], "steps": [step]}
    ends = {"from": "The node the data comes from, such as `dataset:17`.", "to": "The node it goes to."}
    between = {
        "from": "dataset:17",
        "to": "job:5",
        "paths": [way],
        "nodes": [],
        "edges": [],
        "reversed": None,
        "common_upstream": None,
        "omitted": {"max": 0},
        "truncated": False,
    }
    query = {**ends, "all": "`1` adds every node on any way.", **_walked(ways.WALKED)}
    describe("api_path.path", GRAPH, query=query, required={"from": "dataset:17", "to": "job:5"}, answer=between)


def _walked(names: tuple[str, ...]) -> dict[str, str]:
    return {name: {**START, **WALK}[name] for name in names}


def _page(row: object) -> dict[str, object]:
    return {"items": [row], "next": None}
