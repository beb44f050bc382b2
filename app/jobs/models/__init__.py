"""Jobs, their runs, and what is said about any entity (facets, tags, owners)."""

from app.jobs.models.about import Description, Facet, FacetBody, Owner, Tag
from app.jobs.models.job import Dependency, Job
from app.jobs.models.run import Run, RunDetail, RunJob, Runner, RunStatus

__all__ = [
    "Dependency",
    "Description",
    "Facet",
    "FacetBody",
    "Job",
    "Owner",
    "Run",
    "RunDetail",
    "RunJob",
    "RunStatus",
    "Runner",
    "Tag",
]
