"""What programs are told of the API of jobs and runs."""

from app.web.described import describe

GROUP = "Jobs and runs"
RUN_ID = "01941f29-7c00-7000-8000-000000000001"
JOB = {
    "id": 5,
    "integration": "AIRFLOW",
    "type": "TASK",
    "namespace": "airflow-prod",
    "name": "shop.load_orders",
    "location": "custom://airflow-prod",
    "origin": "reported",
    "role": "unit",
    "runs": 91,
    "last_run": RUN_ID,
    "last_run_at": "2026-03-02T09:00:00Z",
    "last_status": "completed",
    "description": "Loads orders every night.",
    "url": "https://headwater.example/r/acme/jobs/jobs/5",
}
RUN = {
    "number": 4711,
    "id": RUN_ID,
    "job": "shop.load_orders",
    "namespace": "airflow-prod",
    "job_id": 5,
    "external_id": "scheduled__2026-03-02",
    "reported_id": "0189c1d0-aa11-7c11-8000-2b1a6d1f0c01",
    "status": "completed",
    "stored_status": "completed",
    "progress": 100.0,
    "progress_kind": "children",
    "step": None,
    "started_at": "2026-03-02T09:00:00Z",
    "ended_at": "2026-03-02T09:03:00Z",
    "duration_s": 180.0,
    "eta_at": None,
    "deadline_at": None,
    "attempt": 1,
    "integration": "AIRFLOW",
    "type": "TASK",
    "role": "unit",
    "origin": "reported",
    "user": "ada",
    "ended_reason": None,
    "parent": None,
    "parent_job": None,
    "scheduled_at": "2026-03-02T09:00:00Z",
    "last_seen_at": "2026-03-02T09:03:01Z",
    "log_url": None,
    "url": f"https://headwater.example/r/acme/jobs/runs/{RUN_ID}",
}
JOB_QUERY = {
    "q": "A part of the name.",
    "integration": "Such as `AIRFLOW`, `SPARK`, `DBT`.",
    "type": "The type the producer reported.",
    "status": "How the last run stands, such as `failed` or `stalled`; several with commas.",
    "owner": "Who answers for it.",
    "tag": "A tag it carries.",
    "location": "The number of a location.",
    "io": "`any` or `none`: whether it reads or writes data.",
    "parts": "`1` shows jobs that are parts of others.",
    "never_run": "`1` shows only jobs without a run.",
    "archived": "`1` shows those people archived, which are left out else.",
}
RUN_QUERY = {
    "q": "A part of the name of the job, or an id.",
    "status": "`queued`, `running`, `completed`, `failed`, `cancelled`, `unknown`, `stalled`; several with commas. "
    "A stalled run is found by its `stored_status`, too.",
    "alarm": "`stalled`, `late` or `at_risk`.",
    "integration": "Such as `AIRFLOW`, `SPARK`, `DBT`.",
    "origin": "`tracked`, `reported`, or `referenced` for runs that were only named by others.",
    "job": "The number of the job.",
    "tag": "The tag of the plan it follows.",
    "version": "The version of that plan.",
    "provider": "The login of who issued it.",
    "customer": "The login of whom it is for.",
    "since": "Runs that began since then: a time, or `24h`, `7d`.",
    "until": "Runs that began before then.",
    "ended_since": "Runs that ended since then.",
    "ended_until": "Runs that ended before then.",
    "longer": "Runs that took at least so long: seconds, or `5m`, `2h`.",
    "shorter": "Runs that took at most so long.",
    "error": "`1` shows only runs that say what went wrong.",
    "value": "The name and value that a step told, as `Score=9`.",
    "parts": "`shown` shows runs that are parts of others.",
    "attempts": "`all` shows attempts that another came after.",
    "archived": "`shown` shows archived runs.",
    "reported_id": "The whole id that a producer gave; finds parts, earlier attempts and archived runs too.",
}
SIDE = {"id": RUN_ID, "job": "shop.load_orders", "number": 4711, "status": "completed", "url": RUN["url"]}
ROW = {"name": "Duration", "aspect": "", "before": "2 min", "after": "3 min", "change": "changed", "percent": 50.0}


def init() -> None:
    """Say it."""
    ids = {"run_id": "The id or number of the run."}
    describe("api_jobs.jobs", GROUP, query=JOB_QUERY, paged=True, answer={"items": [JOB], "next": None})
    describe("api_jobs.job", GROUP, answer=JOB)
    describe("api_jobs.runs", GROUP, query=RUN_QUERY, paged=True, answer={"items": [RUN], "next": None})
    told = {**RUN, "facets": {"nominalTime": {"nominalStartTime": "2026-03-02T09:00:00Z"}}, "events": {"COMPLETE": 1}}
    describe("api_jobs.run", GROUP, path=ids, answer=told)
    describe(
        "api_jobs.comparison_of",
        GROUP,
        path=ids,
        query={"with": "The id or number of the other run; the completed one before unless given."},
        answer={
            "before": {**SIDE, "number": 4700},
            "after": SIDE,
            "parts": [{"key": "outcome", "title": "Outcome", "equal": False, "rows": [ROW]}],
        },
    )
