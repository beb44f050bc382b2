"""Places from the ``dot`` program: the graph as its text, one process with a limit, its answer read back."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from app.lineage.graph.draw.model import BETWEEN, Point, Size

PROGRAMS: Final = ("dot", "graphviz-pure")
SECONDS: Final = 2.0
INCH: Final = 72


class NoLayoutError(Exception):
    """There is no program, or it failed, or it was ended because it took too long."""


def placed(
    sizes: Sequence[Size], pairs: Sequence[tuple[str, str]], gap: float
) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    """Return the centre of each box, and the curve of each pair that skips a layer, y growing downwards.

    Pairs go from a lower layer to a higher one. Raises NoLayoutError.
    """
    found = program()
    if found is None:
        raise NoLayoutError("no program")
    return _read(_asked(found, text(sizes, pairs, gap)), sizes, pairs)


def program() -> str | None:
    """Return the path of ``dot``, else of the one that came with our packages, None when there is neither."""
    beside = str(Path(sys.executable).parent)
    folders = os.pathsep.join((os.environ.get("PATH", ""), beside))
    return next(filter(None, (shutil.which(name, path=folders) for name in PROGRAMS)), None)


def text(sizes: Sequence[Size], pairs: Sequence[tuple[str, str]], gap: float) -> str:
    """Return the graph in the language of ``dot``: boxes are numbered, ranks are our layers."""
    number = {size.key: f"n{index}" for index, size in enumerate(sizes)}
    layer = {size.key: size.layer for size in sizes}
    lines = [
        f"digraph{{graph[rankdir=LR,nodesep={BETWEEN / INCH:.3f},ranksep={gap / INCH:.3f},splines=true]",
        'node[shape=box,fixedsize=true,label=""]edge[dir=none,tailport=e,headport=w]',
    ]
    for _, group in groupby(sizes, key=lambda size: size.layer):
        boxes = ";".join(
            f"{number[one.key]}[width={one.width / INCH:.4f},height={one.height / INCH:.4f}]" for one in group
        )
        lines.append(f"{{rank=same;{boxes}}}")
    lines += [f"{number[one]}->{number[other]}[minlen={layer[other] - layer[one]}]" for one, other in pairs]
    lines += [f"{number[one]}->{number[other]}[style=invis]" for one, other in _loose(sizes, pairs)]
    return "\n".join([*lines, "}"])


def _loose(sizes: Sequence[Size], pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a pair for every two layers that nothing joins, so that they keep their order."""
    layer = {size.key: size.layer for size in sizes}
    joined = {layer[one] for one, other in pairs if layer[other] == layer[one] + 1}
    first: dict[int, str] = {}
    for size in sizes:
        first.setdefault(size.layer, size.key)
    return [(first[one], first[other]) for one, other in pairwise(sorted(first)) if one not in joined]


def _asked(found: str, asked: str) -> dict[str, Any]:
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed word, and numbers only on its input
            [found, "-Tjson0"], input=asked.encode(), capture_output=True, timeout=SECONDS, check=True
        )
        told: dict[str, Any] = msgspec.json.decode(answer.stdout)
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as failure:
        raise NoLayoutError(type(failure).__name__) from failure
    return told


def _read(
    told: dict[str, Any], sizes: Sequence[Size], pairs: Sequence[tuple[str, str]]
) -> tuple[dict[str, Point], dict[tuple[str, str], list[Point]]]:
    layer = {size.key: size.layer for size in sizes}
    keys = {f"n{index}": size.key for index, size in enumerate(sizes)}
    skipping = {(one, other) for one, other in pairs if layer[other] > layer[one] + 1}
    try:
        boxes = {one["_gvid"]: keys[one["name"]] for one in told["objects"] if one["name"] in keys}
        centres = {boxes[one["_gvid"]]: _point(one["pos"]) for one in told["objects"] if one["_gvid"] in boxes}
        ends = [((boxes[edge["tail"]], boxes[edge["head"]]), edge) for edge in told.get("edges", ())]
        routes = {pair: [_point(each) for each in edge["pos"].split()] for pair, edge in ends if pair in skipping}
    except (KeyError, ValueError) as failure:
        raise NoLayoutError(type(failure).__name__) from failure
    if len(centres) < len(sizes):
        raise NoLayoutError("boxes are missing")
    return centres, routes


def _point(text: str) -> Point:
    x, y = text.split(",")[-2:]
    return float(x), -float(y)
