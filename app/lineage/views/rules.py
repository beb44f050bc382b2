"""The rules of noise and grouping: what each matches now, tried before they are saved."""

import json
from typing import Final

from flask import Flask, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from app.changes.actor import current_actor
from app.db import db
from app.lineage.actions.rules import RuleDraft, add_rule, change_rule, delete_rule, move_rule, switch_rule
from app.lineage.graph import rules as reads
from app.lineage.graph.patterns import LONGEST, group_problem, problem
from app.lineage.graph.rules import Names, Shown, Tried
from app.lineage.models import GraphRule
from app.lineage.queries import rules as queries
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.export import cell, line
from app.web.forms import BaseForm, choices
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("rules", __name__, "/lineage/rules")
FIELDS: Final = ("kind", "pattern", "name", "enabled", "is_default", "datasets")
CHOICES: Final = [("group", "Group: what differs only in it is one node"), ("noise", "Noise: what matches is hidden")]


class RuleForm(BaseForm):
    """A rule; tried by GET, saved by POST."""

    kind = RadioField("What it does", choices=choices(CHOICES), default="group")
    pattern = StringField(
        "Pattern",
        [InputRequired("Write a pattern."), Length(max=LONGEST)],
        description="Over namespace/name: * within a segment, ** anything, {key}=* partitions, {yyyy} {mm} {dd} {hh}.",
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    name = StringField("Name", [Length(max=200)], description="What it is for. Empty: the pattern.")


def init(app: Flask) -> None:
    """Register the navigation and the kind."""
    del app
    nav_item("Lineage", "Graph rules", "rules.index", ("lineage.read",), "sliders-horizontal", 60)
    entity_kind("graph_rule", label="Graph rule", endpoint="rules.show", arg="rule_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List the rules with the datasets each matches; ``pattern`` with ``kind`` tries one without saving it."""
    session = db.session()
    known = reads.names(session)
    found = reads.shown(session, known)
    form = RuleForm(request.args)
    if request.args.get("format"):
        return exported([rule for rules in found.values() for rule in rules], request.args["format"])
    tried = _tried(form, known) if request.args.get("pattern") else None
    return page("lineage/rules/index.html", rules=found, known=known, form=form, tried=tried)


@bp.get("/<int:rule_id>")
@needs("lineage.read")
def show(rule_id: int) -> ResponseReturnValue:
    """Show one stored rule with what it matches; ``pattern`` and ``name`` try a change."""
    session = db.session()
    rule = _rule(rule_id)
    known = reads.names(session)
    given = request.args.to_dict() if request.args.get("pattern") else {"pattern": rule.pattern, "name": rule.name}
    form = RuleForm(data={**given, "kind": rule.kind})
    now = reads.tried(rule.kind, rule.pattern, known)
    return page("lineage/rules/show.html", rule=rule, known=known, form=form, tried=_tried(form, known), now=now)


def _rule(rule_id: int) -> GraphRule:
    rule: GraphRule | None = db.session().scalar(queries.rule(rule_id))
    if rule is None:
        raise NotFound
    return rule


def _tried(form: RuleForm, known: Names) -> Tried | None:
    kind, pattern = form.kind.data or "group", form.pattern.data or ""
    wrong = group_problem(pattern) if kind == "group" else problem(pattern)
    if kind not in reads.KINDS:
        form.refuse(Refused(Problem("bad_value", "Choose one of the two.", "kind")))
    elif wrong:
        form.refuse(Refused(Problem("bad_pattern", wrong, "pattern")))
    else:
        return reads.tried(kind, pattern, known)
    return None


def exported(rules: list[Shown], form: str) -> Response:
    """Answer the rules as CSV or JSON; Refused on another format."""
    told = [{name: getattr(rule, name) for name in FIELDS} for rule in rules]
    if form == "json":
        answer = Response(json.dumps({"items": told, "next": None}), content_type="application/json")
    elif form == "csv":
        lines = [line(list(FIELDS)), *(line([cell(value) for value in row.values()]) for row in told)]
        answer = Response("".join(lines), content_type="text/csv; charset=utf-8")
    else:
        raise Refused(Problem("unknown_format", "Use one of csv, json.", "format", form[:100]))
    answer.headers["Content-Disposition"] = f'attachment; filename="rules.{form}"'
    return answer


def draft_of() -> RuleDraft:
    """Return the rule of the form that was sent."""
    given = request.form
    return RuleDraft(given.get("kind", ""), given.get("pattern", "").strip(), given.get("name", "").strip())


@bp.post("")
@needs("lineage.write")
def create() -> ResponseReturnValue:
    """Add a rule: 303 to the list, 422 with the form."""
    session = db.session()
    try:
        rule = add_rule(session, draft_of(), current_actor())
    except Refused as refusal:
        return _refused(refusal)
    db.session.commit()
    flash(f"The rule “{rule.name}” applies from the next page on.")
    return redirect(url_for(".index"), 303)


def _refused(refusal: Refused) -> ResponseReturnValue:
    session = db.session()
    session.rollback()
    form = RuleForm(request.form)
    form.refuse(refusal)
    known = reads.names(session)
    found = reads.shown(session, known)
    return page("lineage/rules/index.html", refusal.status, rules=found, known=known, form=form, tried=None)


@bp.post("/<int:rule_id>")
@needs("lineage.write")
def update(rule_id: int) -> ResponseReturnValue:
    """Change a rule: 303 to the list; 404, 422."""
    rule = change_rule(db.session(), rule_id, draft_of(), current_actor())
    db.session.commit()
    flash(f"The rule “{rule.name}” was changed.")
    return redirect(url_for(".index"), 303)


@bp.post("/switching")
@needs("lineage.write")
def switch() -> ResponseReturnValue:
    """Switch a rule, also a default, on or off by kind and pattern: 303 to the list; 404, 422."""
    wanted = request.form.get("enabled", "")
    if wanted not in {"0", "1"}:
        raise Refused(Problem("bad_value", "Use 0 or 1.", "enabled", wanted[:100]))
    rule = switch_rule(db.session(), draft_of(), current_actor(), enabled=wanted == "1")
    db.session.commit()
    flash(f"The rule “{rule.name}” is {'on' if rule.enabled else 'off'} from the next page on.")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:rule_id>/position")
@needs("lineage.write")
def move(rule_id: int) -> ResponseReturnValue:
    """Move a rule one place: 303 to the list; 404, 422."""
    move_rule(db.session(), rule_id, request.form.get("direction", ""), current_actor())
    db.session.commit()
    return redirect(url_for(".index"), 303)


@bp.post("/<int:rule_id>/deletion")
@needs("lineage.write")
def delete(rule_id: int) -> ResponseReturnValue:
    """Delete a rule: 303 to the list; 404."""
    rule = delete_rule(db.session(), rule_id, current_actor())
    db.session.commit()
    flash(f"The rule “{rule.name}” was deleted.")
    return redirect(url_for(".index"), 303)
