"""A path as pages and programs show it: the two ends of a URL, the ways between them, and what to say without one."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.lineage.graph.ask import BadValueError, params, question, token
from app.lineage.graph.model import Line, Node, Question, Subgraph, Token
from app.lineage.graph.reach import onward
from app.lineage.graph.reach.drawn import boxes_of, line_of, picture_of
from app.lineage.graph.reach.onward import Spot
from app.lineage.graph.reach.route import Route, common_upstream, legs, route
from app.lineage.graph.walk.around import Around
from app.refusal import Problem, Refused

ENDS: Final = ("from", "to")
WALKED: Final = ("view", "since", "until", "as_of", "fold")
KINDS: Final = ("dataset", "job", "run", "operation")


@dataclass(frozen=True, slots=True)
class Ask:
    """What the URL of a path asks; an end that is not given is None."""

    ends: tuple[Token | None, Token | None]
    question: Question
    every: bool = False

    def pairs(self, **changes: str | None) -> list[tuple[str, str]]:
        """Return the parameters with changes; None takes one away."""
        given = {name: str(end) for name, end in zip(ENDS, self.ends, strict=True) if end is not None}
        given |= {"all": "1"} if self.every else {}
        given |= dict(params(replace(self.question, start=(), direction="both")))
        given |= {name.rstrip("_"): value for name, value in changes.items() if value is not None}
        return [(name, value) for name, value in given.items() if changes.get(name, "") is not None]


@dataclass(slots=True)
class Ways:
    """The answer: the route, what is known of its nodes, and where there is none, what else there is.

    ``reversed`` is a way in the other direction, ``common`` the ways from the nearest node that feeds both ends.
    """

    route: Route
    boxes: dict[Spot, Node]
    picture: Subgraph
    reversed: list[Spot] = field(default_factory=list)
    common: tuple[list[Spot], list[Spot]] | None = None
    lines: dict[tuple[Spot, Spot], Line] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Return whether both ends are one thing."""
        return self.route.source == self.route.target


def ask(args: MultiDict[str, str], now: datetime, *, also: tuple[str, ...] = ()) -> Ask:
    """Read the URL of a path; Refused (422) names each parameter that is unknown or wrong."""
    problems = [
        Problem("unknown_parameter", "A path has no such parameter.", name, args[name][:100])
        for name in args
        if name not in {*ENDS, *WALKED, "all", *also}
    ]
    ends = tuple(_end(args.get(name, ""), name, problems) for name in ENDS)
    if args.get("all", "") not in {"", "0", "1"}:
        problems.append(Problem("bad_value", "Use 1 for all ways.", "all", args["all"][:100]))
    if problems:
        raise Refused(*problems)
    walked = MultiDict((name, value) for name, value in args.items(multi=True) if name in WALKED)
    walked["start"] = str(next((end for end in ends if end is not None), "dataset:0"))
    walked["direction"] = "down"
    return Ask((ends[0], ends[1]), question(walked, now), every=args.get("all") == "1")


def _end(text: str, name: str, problems: list[Problem]) -> Token | None:
    try:
        found = token(text) if text else None
    except BadValueError as bad:
        found = None
        problems.append(Problem("bad_value", str(bad), name, text[:100]))
    if found is not None and found.kind not in KINDS:
        problems.append(Problem("bad_value", f"Use one of {', '.join(KINDS)}.", name, text[:100]))
    return found


def ways(session: Session, realm_id: int, asked: Ask, now: datetime) -> Ways:
    """Return the ways between the ends of a question, both given; NotFound where the realm has no such thing."""
    missing = [name for name, given in zip(ENDS, asked.ends, strict=True) if given is None]
    if missing:
        raise Refused(*(Problem("missing", "Name a node, such as dataset:17.", name) for name in missing))
    around, source = end(session, realm_id, asked, 0, now)
    _, target = end(session, realm_id, asked, 1, now)
    around.names.learn([target.id] if target.kind == "dataset" else (), [target.id] if target.kind == "job" else ())
    found = route(around, source, target, every=asked.every)
    spots = found.nodes or {source: 0, target: 0}
    turned, common = [], None
    if not found.paths:
        back = route(around, target, source)
        turned = back.paths[0] if back.paths else []
        common = None if turned else common_upstream(around, source, target)
        spots = dict.fromkeys([*spots, *turned, *(spot for way in common or () for spot in way)], 0)
    boxes = boxes_of(around, spots)
    shown = {spot: boxes[spot] for spot in found.nodes}
    picture = picture_of(replace(around.asked, start=(source.token,)), found, shown)
    answer = Ways(found, boxes, picture, turned, common, {pair: line_of(leg) for pair, leg in found.legs.items()})
    more = legs(around, [pair for way in (turned, *(common or ())) for pair in pairwise(way)])
    answer.lines |= {pair: line_of(leg) for pair, leg in more.items()}
    return answer


def end(session: Session, realm_id: int, asked: Ask, index: int, now: datetime) -> tuple[Around, Spot]:
    """Return one end of a question, which is given, and what loads its neighbours; NotFound as ``starts``."""
    starts = tuple(given for given in asked.ends[index : index + 1] if given is not None)
    around = onward.surroundings(session, realm_id, replace(asked.question, start=starts), now)
    return around, onward.spots(around)[0]
