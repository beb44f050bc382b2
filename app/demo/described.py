"""Datasets as each producer describes them in its events."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.demo.dbtproject import EXPOSED, MODELS, SEEDS, SNAPSHOTS
from app.demo.facets import AIRFLOW, DBT, FLINK, SPARK, facet, schema
from app.demo.lake import HIVE, LAKE
from app.demo.model import Dataset, Facets, Model, Step
from app.demo.statements import column_lineage
from app.demo.world import World, dataset

FILE_BYTES = 134_217_728
SUBSET = "https://openlineage.io/spec/facets/1-1-0/BaseSubsetDatasetFacet.json#/$defs/InputSubsetDatasetFacet"


class Describer:
    """Writes the dataset parts of events; facets that do not change are built once and shared."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.node_facets = {model.step.writes: _node_facets(model) for model in (*SEEDS, *SNAPSHOTS, *MODELS)}
        self._facets: dict[tuple[str, int, str], Facets] = {}
        self._lineage: dict[tuple[object, ...], Facets] = {}

    def facets(self, key: str, moment: datetime, producer: str) -> Facets:
        """Return the facets a producer sends about a dataset in every event."""
        place = (key, self.world.version(key, moment), producer)
        if place not in self._facets:
            self._facets[place] = self._describe(dataset(key), moment, producer)
        return self._facets[place]

    def _describe(self, one: Dataset, moment: datetime, producer: str) -> Facets:
        found: Facets = {
            "schema": schema(self.world.fields(one.key, moment), producer),
            "dataSource": facet("dataSource", producer, name=one.namespace, uri=one.namespace),
        }
        if producer in (SPARK, FLINK) and one.alias:
            name = {"namespace": one.alias[0], "name": one.alias[1], "type": "TABLE"}
            found["symlinks"] = facet("symlinks", producer, identifiers=[name])
        if producer == SPARK and one.namespace == LAKE:
            found |= _hive_facets()
        if producer == DBT:
            found["documentation"] = facet("dataset.documentation", producer, description=one.doc)
        return found

    def read(self, key: str, moment: datetime, producer: str, share: float = 1.0) -> Facets:
        """Return a dataset as input with its statistics; ``share`` of the day's rows was read."""
        part = self.bare(key) | {"facets": self.facets(key, moment, producer)}
        if producer != DBT:
            numbers = self._numbers(key, moment, share)
            part["inputFacets"] = {"inputStatistics": facet("inputStatistics", producer, **numbers)}
        return part

    def _numbers(self, key: str, moment: datetime, share: float) -> Facets:
        """Return rows, bytes and, for what lies in files, their count."""
        size = round(self.world.bytes(key, moment) * share)
        numbers: Facets = {"rowCount": round(self.world.rows(key, moment) * share), "size": size}
        if dataset(key).kind == "FILE" or dataset(key).format == "parquet":
            numbers["fileCount"] = max(1, size // FILE_BYTES)
        return numbers

    def written(self, step: Step, moment: datetime, producer: str, share: float = 1.0) -> Facets:
        """Return the output of a step with schema, column lineage, version and statistics."""
        key = step.writes
        facets = dict(self.facets(key, moment, producer))
        if step.reads and producer in (SPARK, DBT, AIRFLOW):
            facets["columnLineage"] = self._columns(step, moment, producer)
        if producer == SPARK:
            facets["version"] = facet("version", producer, datasetVersion=str(int(moment.timestamp())))
        if producer == SPARK and step.mode == "OVERWRITE":
            state = {"lifecycleStateChange": "OVERWRITE"}
            facets["lifecycleStateChange"] = facet("lifecycleStateChange", producer, **state)
        if producer == DBT:
            facets |= self.node_facets.get(key, {})
        statistics = facet("outputStatistics", producer, **self._numbers(key, moment, share))
        return self.bare(key) | {"facets": facets, "outputFacets": {"outputStatistics": statistics}}

    def _columns(self, step: Step, moment: datetime, producer: str) -> Facets:
        versions = tuple(self.world.version(key, moment) for key in (*step.reads.values(), step.writes))
        place = (step.name, step.writes, producer, versions)
        if place not in self._lineage:
            self._lineage[place] = column_lineage(step, self.world, moment, producer)
        return self._lineage[place]

    @staticmethod
    def bare(key: str) -> Facets:
        """Return a dataset with nothing but its name."""
        one = dataset(key)
        return {"namespace": one.namespace, "name": one.name, "facets": {}}

    def bare_io(self, step: Step) -> tuple[list[Facets], list[Facets]]:
        """Return inputs and outputs of a step by name, as a START event has them."""
        return [self.bare(key) for key in step.reads.values()], [self.bare(step.writes)]

    def io(self, step: Step, moment: datetime, producer: str, share: float = 1.0) -> tuple[list[Facets], list[Facets]]:
        """Return inputs and outputs of a step with everything known at its end."""
        reads = [self.read(key, moment, producer, share) for key in step.reads.values()]
        return reads, [self.written(step, moment, producer, share)]

    def partition(self, key: str, moment: datetime, hours: int) -> Facets:
        """Return an input limited to the hours before ``moment``, as a subset facet says it."""
        times = [moment - timedelta(hours=hours - n) for n in range(hours)]
        places = [{"dimensions": {"dt": f"{one:%Y-%m-%d}", "hour": f"{one:%H}"}} for one in times]
        condition = {"type": "partition", "partitions": places}
        numbers = self._numbers(key, moment, hours / 24)
        narrowed: Facets = {
            "inputStatistics": facet("inputStatistics", SPARK, **numbers),
            "subset": {"_producer": SPARK, "_schemaURL": SUBSET, "inputCondition": condition},
        }
        return self.bare(key) | {"facets": self.facets(key, moment, SPARK), "inputFacets": narrowed}


def _hive_facets() -> Facets:
    """Return what Spark says about every table of the metastore."""
    return {
        "storage": facet("storage", SPARK, storageLayer="hive", fileFormat="parquet"),
        "catalog": facet(
            "catalog",
            SPARK,
            framework="hive",
            type="hive",
            name="spark_catalog",
            metadataUri=HIVE,
            warehouseUri=f"{LAKE}/warehouse",
            source="spark",
        ),
    }


def _node_facets(model: Model) -> Facets:
    """Return what only dbt knows about a dataset: its configuration and the dashboards behind it."""
    config = {"materialized": model.materialized, "access": "protected"}
    facets = {"dbt_model": facet("dbt_model", DBT, config=config)}
    if model.step.writes in EXPOSED:
        name, url = EXPOSED[model.step.writes]
        owner = {"name": "Finance BI", "email": "bi@greenbasket.example"}
        exposure = {"name": name, "type": "dashboard", "url": url, "owner": owner, "maturity": "high"}
        facets["dbt_exposures"] = facet("dbt_exposures", DBT, exposures=[exposure])
    return dict(facets)
