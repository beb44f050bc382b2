"""Run benchmarks and print their tables."""

import argparse
from collections.abc import Callable, Iterator

import click

from tests.benchmarks import estimates, graph, ingest, lists, live, machine, pages, search, served

PARTS: dict[str, Callable[[bool], Iterator[str]]] = {
    "ingest": ingest.tables,
    "http": served.http,
    "jobs": served.jobs,
    "live": live.tables,
    "lists": lists.tables,
    "pages": pages.tables,
    "memory": served.memory,
    "graph": graph.tables,
    "search": search.tables,
    "estimates": estimates.tables,
}


def main() -> None:
    """Print the machine and the table of each part asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--quick", action="store_true", help="fewer events, one run each, no million of runs")
    asked = parser.parse_args()
    click.echo(machine.described())
    for name, part in PARTS.items():
        if asked.part in {name, "all"}:
            click.echo()
            for line in part(asked.quick):
                click.echo(line)


if __name__ == "__main__":
    main()
