"""Changing the rules of noise and grouping; a change affects the next page, for old data too."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record, record_update
from app.jobs.actions.annotate import in_turn
from app.lineage.graph.patterns import DEFAULTS, group_problem, problem
from app.lineage.graph.rules import KINDS
from app.lineage.models import GraphRule
from app.lineage.queries import rules as queries
from app.refusal import Problem, Refused

MOST: Final = 100
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as a form has it."""

    kind: str
    pattern: str
    name: str


def add_rule(session: Session, draft: RuleDraft, actor: Actor, *, enabled: bool = True) -> GraphRule:
    """Add a rule behind those of its kind. Refused (422): pattern, name, kind, taken, or 100 rules already."""
    in_turn(session)
    known = list(session.scalars(queries.rules()))
    _check(draft, known)
    if len(known) >= MOST:
        raise Refused(Problem("too_many", f"A realm has at most {MOST} rules; delete one first.", "pattern"))
    last = max((rule.position for rule in known if rule.kind == draft.kind), default=0)
    rule = GraphRule(
        kind=draft.kind, pattern=draft.pattern, name=_name(draft), position=last + 1, enabled=enabled,
        realm_id=session.info["realm_id"],
    )  # fmt: skip
    session.add(rule)
    session.flush()
    fields = [("kind", None, rule.kind), ("pattern", None, rule.pattern), ("enabled", None, rule.enabled)]
    record(session, "graph_rule.added", "graph_rule", rule.id, rule.name, actor, fields=fields)
    return rule


def change_rule(session: Session, rule_id: int, draft: RuleDraft, actor: Actor) -> GraphRule:
    """Change pattern and name of a rule; its kind stays. Refused: 404, or 422 as ``add_rule``."""
    rule = _rule(session, rule_id)
    others = [one for one in session.scalars(queries.rules()) if one.id != rule.id]
    _check(RuleDraft(rule.kind, draft.pattern, draft.name), others)
    before = {"pattern": rule.pattern, "name": rule.name}
    rule.pattern, rule.name = draft.pattern, _name(draft)
    after = {"pattern": rule.pattern, "name": rule.name}
    record_update(session, "graph_rule.changed", "graph_rule", rule.id, rule.name, actor, before=before, after=after)
    return rule


def switch_rule(session: Session, draft: RuleDraft, actor: Actor, *, enabled: bool) -> GraphRule:
    """Switch a rule on or off by its kind and pattern; a default is written down first. Refused: 404, 422."""
    wanted = (draft.kind, draft.pattern)
    stored = [one for one in session.scalars(queries.rules()) if (one.kind, one.pattern) == wanted]
    if not stored:
        default = next((one for one in DEFAULTS if (one.kind, one.pattern) == wanted), None)
        if default is None:
            raise Refused(Problem("not_found", "There is no such rule here."), status=404)
        return add_rule(session, RuleDraft(default.kind, default.pattern, default.name), actor, enabled=enabled)
    rule: GraphRule = stored[0]
    if rule.enabled != enabled:
        rule.enabled = enabled
        verb = "graph_rule.activated" if enabled else "graph_rule.deactivated"
        record(session, verb, "graph_rule", rule.id, rule.name, actor)
    return rule


def move_rule(session: Session, rule_id: int, direction: str, actor: Actor) -> GraphRule:
    """Move a rule one place up or down among the stored ones of its kind. Refused: 404, 422 on another direction."""
    rule = _rule(session, rule_id)
    if direction not in {"up", "down"}:
        raise Refused(Problem("bad_value", "Use up or down.", "direction", direction[:100]))
    mine = [one for one in session.scalars(queries.rules()) if one.kind == rule.kind]
    at = mine.index(rule)
    to = min(max(at + (1 if direction == "down" else -1), 0), len(mine) - 1)
    mine.insert(to, mine.pop(at))
    for place, one in enumerate(mine, start=1):
        one.position = place
    if to != at:
        fields = [("place", at + 1, to + 1)]
        record(session, "graph_rule.moved", "graph_rule", rule.id, rule.name, actor, fields=fields)
    return rule


def delete_rule(session: Session, rule_id: int, actor: Actor) -> GraphRule:
    """Delete a rule, whole row to the log; one that stood for a default lets the default apply again. Refused: 404."""
    rule = _rule(session, rule_id)
    row = {"kind": rule.kind, "pattern": rule.pattern, "name": rule.name, "position": rule.position}
    session.delete(rule)
    session.flush()
    record(session, "graph_rule.deleted", "graph_rule", rule_id, rule.name, actor, row={**row, "enabled": rule.enabled})
    return rule


def _rule(session: Session, rule_id: int) -> GraphRule:
    found: GraphRule | None = session.scalar(queries.rule(rule_id))
    if found is None:
        raise Refused(Problem("not_found", "There is no such rule here."), status=404)
    return found


def _name(draft: RuleDraft) -> str:
    return draft.name or draft.pattern[:LONGEST_NAME]


def _check(draft: RuleDraft, known: list[GraphRule]) -> None:
    problems = []
    if draft.kind not in KINDS:
        problems.append(Problem("bad_value", f"Use one of {', '.join(KINDS)}.", "kind", draft.kind[:100]))
    wrong = group_problem(draft.pattern) if draft.kind == "group" else problem(draft.pattern)
    if wrong:
        problems.append(Problem("bad_pattern", wrong, "pattern", draft.pattern[:100]))
    if len(draft.name) > LONGEST_NAME or "\x00" in draft.name:
        problems.append(Problem("too_long", f"Use at most {LONGEST_NAME} characters.", "name"))
    if any((one.kind, one.pattern) == (draft.kind, draft.pattern) for one in known):
        problems.append(Problem("taken", "There is a rule with this pattern already.", "pattern", draft.pattern[:100]))
    if problems:
        raise Refused(*problems)
