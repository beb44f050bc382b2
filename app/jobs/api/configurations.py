"""Plans of jobs for programs."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.exceptions import NotFound

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.configurations import ConfigurationDraft, register, warning
from app.jobs.actions.parties import provider_of
from app.jobs.api.body import body
from app.jobs.api.in_line import in_line
from app.jobs.api.shapes import configuration
from app.jobs.models import JobConfiguration
from app.jobs.progress.plan import PlannedStep, PlannedValue
from app.jobs.queries import plans as queries
from app.jobs.queries import sight as seen
from app.jobs.reads.configurations import prepared
from app.jobs.reads.plans import known
from app.web.blueprints import api_blueprint
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing

bp = api_blueprint("api_configurations", __name__, "/api/v1/jobs/configurations")


class Value(Struct, forbid_unknown_fields=True):
    """A value that events of a step may tell."""

    name: str
    kind: str = "text"
    units: str | None = None
    private: bool = False


class Step(Struct, forbid_unknown_fields=True):
    """A step with its weight."""

    tag: str
    name: str
    points: int = 1
    required: bool = True
    metadata: list[Value] = []


class Configuration(Struct, forbid_unknown_fields=True):
    """A version of a plan; operators name the provider."""

    tag: str
    name: str
    version: str
    steps: list[Step] = []
    provider: str | None = None


@bp.post("")
@needs("jobs.write")
@in_line
@idempotent
def register_one() -> ResponseReturnValue:
    """Register a version of a plan: 201 when it is new, 200 when it was known with the same content.

    The same version with other content is 409 with the differences; a version is never changed.
    """
    given, session = body(Configuration), db.session()
    provider = provider_of(session, asked.sight(), given.provider)
    draft = ConfigurationDraft(given.tag, given.name, given.version, tuple(map(step_of, given.steps)))
    done = register(session, draft, provider, current_actor())
    latest = _is_latest(done.configuration)
    shown = configuration(done.configuration, known(session, done.configuration), latest=latest, warning=done.warning)
    session.commit()
    return jsonify(shown), 201 if done.created else 200


@bp.get("")
@needs("jobs.read")
def index() -> ResponseReturnValue:
    """Answer configurations, newest first: all, those of a ``tag``, one ``version`` of it, or the ``latest``."""
    asked.not_for_customers()
    listing = Listing.from_args(request.args, sorts=("-id", "tag"), filters=("tag", "version", "provider"))
    version = listing.get("version")
    wanted = queries.Wanted(
        tag=listing.get("tag"),
        version=version if version != "latest" else "",
        provider=listing.get("provider").lower(),
        versions=version != "latest",
        archived=True,
    )
    select = queries.listed(wanted, seen.configurations(asked.sight()))
    page = keyset(select, listing, queries.SORTS)
    rows = [configuration(one.row, one.known, latest=one.is_latest) for one in prepared(db.session(), page.rows)]
    return jsonify({"items": rows, "next": page.next.encode() if page.next else None})


@bp.get("/<int:configuration_id>")
@needs("jobs.read")
def show(configuration_id: int) -> ResponseReturnValue:
    """Answer one configuration with its steps, or 404."""
    asked.not_for_customers()
    session = db.session()
    row = None
    if configuration_id < asked.BIGGEST:
        mine = seen.configurations(asked.sight())
        row = session.scalar(queries.configuration(configuration_id).where(*mine))
    if row is None:
        raise NotFound
    return jsonify(configuration(row, known(session, row), latest=_is_latest(row), warning=warning(session, row)))


def _is_latest(row: JobConfiguration) -> bool:
    newest = db.session.scalar(queries.of_tag(row.provider_id, row.tag).limit(1))
    return newest is not None and newest.id == row.id


def step_of(step: Step) -> PlannedStep:
    """Return a step of a body as a value."""
    values = tuple(PlannedValue(one.name, one.kind, one.units, one.private) for one in step.metadata)
    return PlannedStep(step.tag, step.name, step.points, step.required, values)
