"""Benchmarks: ``python -m tests.benchmarks [ingest|http|pages|memory|all] [--quick]`` prints Markdown tables.

Nothing here is collected by pytest and nothing is asserted about time.
"""
