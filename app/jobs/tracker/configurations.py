"""Plans: registered by programs, read by providers and operators."""

from flask import request
from flask.typing import ResponseReturnValue

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.configurations import KINDS, MOST_STEPS, MOST_VALUES, ConfigurationDraft, register
from app.jobs.api.in_line import in_line
from app.jobs.models import JobConfiguration
from app.jobs.progress.plan import PlannedStep, PlannedValue
from app.jobs.queries import plans
from app.jobs.queries import sight as seen
from app.jobs.tracker import queries
from app.jobs.tracker.answers import PLAIN, ROOT, of_path, told
from app.jobs.tracker.body import body
from app.jobs.tracker.given import Given
from app.jobs.tracker.parties import writer
from app.jobs.tracker.reads import all_planned, planned
from app.jobs.tracker.wrong import not_found
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged

bp = api_blueprint("tracker_configurations", __name__, ROOT)


@bp.post("/job_configurations", **PLAIN)
@bp.post("/study_configurations", **PLAIN)
@needs("jobs.write")
@unlogged("a plan that is known already changes nothing")
@in_line
@idempotent
def register_one() -> ResponseReturnValue:
    """Register a version of a plan; 200 whether it is new or known with the same content, 400 with other content."""
    session, nouns = db.session(), of_path()
    provider = writer(session)
    done = register(session, _draft(body()), provider, current_actor())
    plan = all_planned(session, [done.configuration], nouns)[done.configuration.id]
    answer = told({**plan.told(), **({"warning": done.warning} if done.warning else {})})
    session.commit()
    return answer


@bp.get("/job_configurations", **PLAIN)
@bp.get("/study_configurations", **PLAIN)
@needs("jobs.read")
def index() -> ResponseReturnValue:
    """Answer plans: of a ``tag``, a ``version`` of it or its ``latest``; without either the latest of each tag."""
    asked.not_for_customers()
    session, nouns = db.session(), of_path()
    tag, version = request.args.get("tag", ""), request.args.get("version", "")
    rows = list(session.scalars(queries.listed(tag, version, asked.sight()).limit(queries.MOST)))
    found = all_planned(session, rows, nouns)
    return told([found[row.id].told() for row in rows])


@bp.get("/job_configurations/<int:configuration_id>", **PLAIN)
@bp.get("/study_configurations/<int:configuration_id>", **PLAIN)
@needs("jobs.read")
def show(configuration_id: int) -> ResponseReturnValue:
    """Answer one plan, or 404."""
    asked.not_for_customers()
    session, nouns = db.session(), of_path()
    mine = seen.configurations(asked.sight())
    row = session.scalar(plans.configurations(mine).where(JobConfiguration.id == configuration_id))
    found = planned(session, row, nouns)
    if found is None:
        raise not_found(f"{nouns.run.capitalize()} configuration")
    return told(found.told())


def _draft(given: Given) -> ConfigurationDraft:
    tag, name, version = given.text("tag"), given.text("name"), given.version("version")
    steps = tuple(_step(each) for each in given.each("step_configurations", MOST_STEPS))
    given.unique("step_configurations", [step.tag for step in steps])
    given.check()
    return ConfigurationDraft(tag, name, version, steps, is_lenient=True)


def _step(given: Given) -> PlannedStep:
    values = tuple(_value(each) for each in given.each("metadata_configurations", MOST_VALUES, needed=False))
    return PlannedStep(given.text("tag"), given.text("name"), given.points("points"), metadata=values)


def _value(given: Given) -> PlannedValue:
    kind = given.one_of("kind", KINDS, default="text")
    return PlannedValue(given.text("name"), kind, given.maybe_text("units"))
