"""Reads exported Parquet and CSV by the readers that users have and prints what each found, as JSON.

    parquet.py FOLDER     with out.parquet, the flat tables as TABLE.parquet and TABLE.csv, and views.sql
"""

import csv
import json
import os
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet


def plain(value):
    """A value as JSON has it, whatever the reader calls it."""
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value != value:
        return None  # what pandas has for nothing
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def nested(path):
    """The nested lines as each reader has them."""
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    found = {
        "pyarrow": pyarrow.parquet.read_table(path).to_pylist(),
        "duckdb": duckdb.sql(f"SELECT * FROM '{path}'").fetch_arrow_table().to_pylist(),
        "pandas": pandas.read_parquet(path).to_dict("records"),
        "polars": polars.read_parquet(path).to_dicts(),
        "spark": [row.asDict(recursive=True) for row in spark.read.parquet(path).collect()],
    }
    spark.stop()
    return {reader: plain(rows) for reader, rows in found.items()}


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    os.chdir(folder)
    tables = [path.stem for path in sorted(folder.glob("*.parquet")) if path.stem != "out"]
    flat = {name: plain(pyarrow.parquet.read_table(f"{name}.parquet").to_pylist()) for name in tables}
    with_csv = {}
    for name in tables:
        with open(f"{name}.csv", encoding="utf-8", newline="") as file:
            with_csv[name] = list(csv.DictReader(file))
    connection = duckdb.connect()
    connection.execute((folder / "views.sql").read_text(encoding="utf-8"))
    views = {}
    for view in ["targeted", "who_targets_whom", "targets_first_named", "newly_named_targets", "co_targets"]:
        views[view] = plain(connection.sql(f"SELECT * FROM {view}").fetch_arrow_table().to_pylist())
    by_type = duckdb.sql("SELECT e.type, count(*) FROM (SELECT unnest(entities) AS e FROM 'out.parquet') GROUP BY 1 ORDER BY 1").fetchall()
    json.dump({"nested": nested("out.parquet"), "flat": flat, "csv": with_csv, "views": views, "by_type": by_type}, sys.stdout)


if __name__ == "__main__":
    main()
