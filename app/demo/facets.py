"""Builders of OpenLineage events and facets, shaped as the producers of 2025 and 2026 send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.demo.model import Event, Facets, Field, Ref

AIRFLOW = "https://github.com/apache/airflow/tree/providers-openlineage/2.8.0"
SPARK = "https://github.com/OpenLineage/OpenLineage/tree/1.40.1/integration/spark"
FLINK = "https://github.com/OpenLineage/OpenLineage/tree/1.40.1/integration/flink"
DBT = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/integration/dbt"
CLIENT = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/client/python"
ENGINES = {
    AIRFLOW: ("Airflow", "2.10.5", "2.8.0"),
    SPARK: ("spark", "3.5.3", "1.40.1"),
    FLINK: ("flink", "1.19.1", "1.40.1"),
    DBT: ("dbt", "1.9.11", "1.54.0"),
}

SPEC = "https://openlineage.io/spec"
STANDARD = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "dataSource": "1-0-1/DatasourceDatasetFacet",
    "symlinks": "1-0-1/SymlinksDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "storage": "1-0-1/StorageDatasetFacet",
    "catalog": "1-1-0/CatalogDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "hierarchy": "1-0-0/HierarchyDatasetFacet",
    "dataset.documentation": "1-1-0/DocumentationDatasetFacet",
    "dataset.ownership": "1-0-1/OwnershipDatasetFacet",
    "dataset.tags": "1-0-0/TagsDatasetFacet",
    "dataQualityAssertions": "1-1-0/DataQualityAssertionsDatasetFacet",
    "dataQualityMetrics": "1-0-3/DataQualityMetricsInputDatasetFacet",
    "inputStatistics": "1-0-0/InputStatisticsInputDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "job.documentation": "1-1-0/DocumentationJobFacet",
    "job.ownership": "1-0-1/OwnershipJobFacet",
    "job.tags": "1-0-0/TagsJobFacet",
    "sql": "1-1-0/SQLJobFacet",
    "sourceCode": "1-0-1/SourceCodeJobFacet",
    "sourceCodeLocation": "1-1-0/SourceCodeLocationJobFacet",
    "parent": "1-2-0/ParentRunFacet",
    "nominalTime": "1-0-1/NominalTimeRunFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "processing_engine": "1-1-1/ProcessingEngineRunFacet",
    "environmentVariables": "1-0-0/EnvironmentVariablesRunFacet",
    "executionParameters": "1-0-0/ExecutionParametersRunFacet",
    "externalQuery": "1-0-2/ExternalQueryRunFacet",
    "extractionError": "1-1-2/ExtractionErrorRunFacet",
    "run.tags": "1-0-0/TagsRunFacet",
}
DBT_SCHEMAS = "https://github.com/OpenLineage/OpenLineage/tree/main/integration/common/openlineage/schema"
DBT_FACETS = {
    "dbt_run": "dbt-run-run-facet",
    "dbt_version": "dbt-version-run-facet",
    "dbt_node": "dbt-node-job-facet",
    "dbt_model": "dbt-model-dataset-facet",
    "dbt_exposures": "dbt-exposures-dataset-facet",
}


def facet(name: str, producer: str, /, **body: object) -> Facets:
    """Return a facet with its envelope; ``name`` is a key of STANDARD, of DBT_FACETS or a producer's own."""
    if name in STANDARD:
        version, kind = STANDARD[name].split("/")
        url = f"{SPEC}/facets/{version}/{kind}.json#/$defs/{kind}"
    elif name in DBT_FACETS:
        url = f"{DBT_SCHEMAS}/{DBT_FACETS[name]}.json"
    else:
        url = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunFacet"
    return {"_producer": producer, "_schemaURL": url, **body}


def stamp(moment: datetime) -> str:
    """Return the time as clients write it: UTC, ISO 8601, with fraction."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def schema(fields: tuple[Field, ...], producer: str) -> Facets:
    """Return a schema facet."""
    return facet("schema", producer, fields=[{"name": one.name, "type": one.type} for one in fields])


def engine(producer: str) -> Facets:
    """Return the processing_engine facet of one of the four engines."""
    name, version, adapter = ENGINES[producer]
    return facet("processing_engine", producer, name=name, version=version, openlineageAdapterVersion=adapter)


def job_type(producer: str, kind: str, processing: str = "BATCH") -> Facets:
    """Return a jobType facet; the integration follows from the producer."""
    integration = ENGINES[producer][0].upper() if producer in ENGINES else "CUSTOM"
    return facet("jobType", producer, integration=integration, jobType=kind, processingType=processing)


def nominal(producer: str, start: datetime, hours: float) -> Facets:
    """Return a nominalTime facet for an interval of ``hours``."""
    end = start + timedelta(hours=hours)
    return facet("nominalTime", producer, nominalStartTime=start.isoformat(), nominalEndTime=end.isoformat())


def parent(producer: str, ref: Ref, root: Ref | None = None) -> Facets:
    """Return a parent facet."""
    return facet("parent", producer, **ref.as_parent(root))


def error(producer: str, message: str, trace: str = "", language: str = "python") -> Facets:
    """Return an errorMessage facet; an empty trace is left out."""
    body: Facets = {"message": message, "programmingLanguage": language}
    if trace:
        body["stackTrace"] = trace
    return facet("errorMessage", producer, **body)


def job(ref: Ref, facets: Facets) -> Facets:
    """Return the job part of an event."""
    return {"namespace": ref.namespace, "name": ref.name, "facets": facets}


def run_event(
    state: str, moment: datetime, producer: str, run: tuple[Ref, Facets, Facets], io: tuple[list[Facets], list[Facets]]
) -> Event:
    """Return a RunEvent; ``run`` is (reference, run facets, job facets), ``io`` is (inputs, outputs)."""
    ref, run_facets, job_facets = run
    return {
        "eventTime": stamp(moment),
        "eventType": state,
        "run": {"runId": ref.run_id, "facets": run_facets},
        "job": job(ref, job_facets),
        "inputs": io[0],
        "outputs": io[1],
        "producer": producer,
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def static_event(kind: str, moment: datetime, **body: object) -> Event:
    """Return a JobEvent or DatasetEvent."""
    url = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/{kind}"
    return {"eventTime": stamp(moment), **body, "producer": CLIENT, "schemaURL": url}
