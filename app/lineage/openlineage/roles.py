"""What a run is: its integration, whether it is a unit or a part, and how it is named (spec 3.5). Pure."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from app.lineage.openlineage.extract import EMPTY, text
from app.lineage.openlineage.parse import Facets

_BY_FACET = (("airflow", "AIRFLOW"), ("spark", "SPARK"), ("dbt", "DBT"), ("flink", "FLINK"), ("hive", "HIVE"))
_BY_PRODUCER = ("airflow", "spark", "dbt", "flink", "hive", "debezium", "trino")


class Kind(NamedTuple):
    """Integration and job type, in capitals or None, and the processing type as sent."""

    integration: str | None
    job_type: str | None
    processing_type: str | None


class Naming(NamedTuple):
    """What the producer's own facets say of a run and its operation."""

    external_id: str | None = None
    user: str | None = None
    attempt: int | None = None
    log_url: str | None = None
    description: str | None = None
    operation: str | None = None
    group: str | None = None
    position: int | None = None


def kind_of(job_type: dict[str, Any], run_facets: Facets, producer: str | None) -> Kind:
    """Return the kind of a run from the jobType facet, else run facets, else the producer, else the engine's name."""
    integration = text(job_type.get("integration"), 64)
    if integration is None:
        found = (name for prefix, name in _BY_FACET if any(key.startswith(prefix) for key in run_facets))
        integration = next(found, None)
    if integration is None and producer:
        path = producer.lower()
        integration = next((name.upper() for name in _BY_PRODUCER if f"/{name}" in path), None)
    if integration is None:
        integration = text(run_facets.get("processing_engine", EMPTY).get("name"), 64)
    type_ = text(job_type.get("jobType"), 64)
    return Kind(
        integration.upper() if integration else None,
        type_.upper() if type_ else None,
        text(job_type.get("processingType"), 32),
    )


def role_of(kind: Kind, *, has_parent: bool, has_session: bool) -> str:
    """Return unit or part by the table of spec 3.5."""
    if kind.integration == "HIVE":
        return "part" if has_session else "unit"
    if not has_parent:
        return "unit"
    is_part = {
        "AIRFLOW": kind.job_type == "QUERY",
        "SPARK": kind.job_type != "APPLICATION",
        "DBT": kind.job_type != "JOB",
        "FLINK": kind.job_type != "JOB",
    }.get(kind.integration or "", False)
    return "part" if is_part else "unit"


def works(kind: Kind) -> bool:
    """Return whether such a run has an operation of its own even without inputs and outputs."""
    return (kind.integration, kind.job_type) not in {
        ("AIRFLOW", "DAG"),
        ("SPARK", "APPLICATION"),
        ("DBT", "JOB"),
        ("HIVE", "HIVE_SESSION"),
    }


def web_link(value: object) -> str | None:
    """Return an http or https URL, else None."""
    url = text(value, 4_000)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def naming(kind: Kind, facets: Facets, job_name: str, owners: list[str]) -> Naming:
    """Return ids, user, attempt and links a producer reports in its own facets."""
    if kind.integration == "AIRFLOW" or "airflow" in facets or "airflowDagRun" in facets:
        return _airflow(facets, owners)
    if "spark_applicationDetails" in facets or kind.integration == "SPARK":
        return _spark(kind, facets, job_name)
    if "dbt_run" in facets or kind.integration == "DBT":
        return _dbt(kind, facets, job_name)
    if "flink_job" in facets:
        return Naming(external_id=text(facets["flink_job"].get("jobId")))
    if "hive_query" in facets:
        session = facets.get("hive_session", EMPTY)
        return Naming(
            external_id=text(facets["hive_query"].get("queryId")),
            user=text(session.get("username")),
            operation=text(facets["hive_query"].get("operationName")),
        )
    return Naming()


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else EMPTY


def _airflow(facets: Facets, owners: list[str]) -> Naming:
    task_facet = facets.get("airflow", EMPTY)
    facet = task_facet or facets.get("airflowDagRun", EMPTY)
    dag_run, dag = _object(facet.get("dagRun")), _object(facet.get("dag"))
    task, instance = _object(task_facet.get("task")), _object(task_facet.get("taskInstance"))
    external_id = text(dag_run.get("run_id"))
    position = instance.get("map_index")
    if isinstance(position, bool) or not isinstance(position, int) or position < 0:
        position = None
    if external_id and position is not None:
        external_id = f"{external_id}[{position}]"[:200]
    attempt = instance.get("try_number")
    user = text(dag.get("owner")) or (owners[0] if owners else None)
    return Naming(
        external_id=external_id,
        user=None if user is None or user in {"airflow", "***"} else user,
        attempt=attempt if isinstance(attempt, int) and 0 < attempt < 2**31 and not isinstance(attempt, bool) else None,
        log_url=web_link(instance.get("log_url")),
        description=text(dag.get("description"), 2_000) if not task else text(task.get("operator_class")),
        operation=text(task.get("task_id"), 4_096),
        group=text(_object(task.get("task_group")).get("group_id"), 4_096),
        position=position,
    )


def _spark(kind: Kind, facets: Facets, job_name: str) -> Naming:
    details = facets.get("spark_applicationDetails", EMPTY)
    job = facets.get("spark_jobDetails", EMPTY)
    position = job.get("jobId")
    links = (web_link(details.get(key)) for key in ("historyUrl", "proxyUrl", "uiWebUrl"))
    is_command = kind.job_type != "APPLICATION" and "." in job_name
    return Naming(
        external_id=text(details.get("applicationId")),
        user=text(details.get("userName")),
        log_url=next((link for link in links if link), None),
        description=text(job.get("jobDescription"), 2_000) or text(job.get("jobCallSite"), 2_000),
        operation=job_name.split(".", 1)[1] if is_command else None,
        group=text(job.get("jobGroup"), 4_096),
        position=position if type(position) is int and 0 <= position < 2**31 else None,
    )


def _dbt(kind: Kind, facets: Facets, job_name: str) -> Naming:
    run = facets.get("dbt_run", EMPTY)
    is_node = kind.job_type not in {None, "JOB"}
    return Naming(
        external_id=None if is_node else text(run.get("invocation_id")),
        operation=job_name.rpartition(".")[2] if is_node else None,
        group=kind.job_type if is_node else None,
    )
