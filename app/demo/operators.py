"""Airflow operators by the path the provider reports."""

from __future__ import annotations

PYTHON = "airflow.decorators.python._PythonDecoratedOperator"
EMPTY = "airflow.operators.empty.EmptyOperator"
SPARK = "airflow.providers.apache.spark.operators.spark_submit.SparkSubmitOperator"
SNOWFLAKE = "airflow.providers.snowflake.operators.snowflake.SnowflakeSqlApiOperator"
SQL = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
CHECK = "airflow.providers.common.sql.operators.sql.SQLColumnCheckOperator"
BASH = "airflow.operators.bash.BashOperator"
TRANSFER = "airflow.providers.common.sql.operators.generic_transfer.GenericTransfer"
SENSOR = "airflow.sensors.external_task.ExternalTaskSensor"
