"""Jobs, their runs, and what is said about any entity (facets, tags, owners)."""

from app.jobs.models.about import Description, Facet, FacetBody, Owner, Tag
from app.jobs.models.job import Dependency, Job
from app.jobs.models.plan import JobConfiguration, MetadataConfiguration, StepConfiguration
from app.jobs.models.run import Run, RunDetail, RunJob, Runner, RunStatus
from app.jobs.models.shown import Badge, ShareLink
from app.jobs.models.tracking import DurationStat, Event, LogChunk, RunStep, RunTracking

__all__ = [
    "Badge",
    "Dependency",
    "Description",
    "DurationStat",
    "Event",
    "Facet",
    "FacetBody",
    "Job",
    "JobConfiguration",
    "LogChunk",
    "MetadataConfiguration",
    "Owner",
    "Run",
    "RunDetail",
    "RunJob",
    "RunStatus",
    "RunStep",
    "RunTracking",
    "Runner",
    "ShareLink",
    "StepConfiguration",
    "Tag",
]
