"""Which runs the events of several requests are for: found in the statements of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.changes.actor import Actor
from app.jobs.actions.opening import RunDraft, is_same, open_run
from app.jobs.actions.parties import provider_of
from app.jobs.queries.sight import Sight
from app.jobs.reads.tracked import Tracked, many_newest, many_seen
from app.refusal import Refused


@dataclass(frozen=True, slots=True)
class Named:
    """A run by its names, to be opened when there is none; ``provider`` is a login, None the account itself.

    Unless it ``opens``, only the provider's own id of the run is looked at, and only an account's own runs are found.
    """

    draft: RunDraft
    provider: str | None = None
    opens: bool = True


Asked = tuple[int | UUID | Named, Sight, Actor]


def find(session: Session, many: Sequence[Asked]) -> list[Tracked | Refused | None]:
    """Return the run of each, None where there is none, Refused where it cannot be opened.

    At most two statements for those named by number or id, and one for each provider; what must be opened costs what
    it costs alone. Flushes.
    """
    known = many_seen(session, [which for which, _, _ in many if not isinstance(which, Named)])
    mine = _known(session, many)
    found: list[Tracked | Refused | None] = []
    for which, sight, actor in many:
        if not isinstance(which, Named):
            found.append(known.get(which))
            continue
        place = (sight.user_id, which.draft.external_id)
        one = mine.get(place) if _is_own(which, sight) else None
        if not which.opens:
            found.append(one)
        elif one is None or not is_same(one, which.draft):
            opened = _opened(session, which, sight, actor)
            if _is_own(which, sight) and isinstance(opened, Tracked):
                mine[place] = opened
            found.append(opened)
        else:
            found.append(one)
    return found


def _is_own(which: Named, sight: Sight) -> bool:
    return which.provider is None and sight.role == Role.PROVIDER


def _known(session: Session, many: Sequence[Asked]) -> dict[tuple[int, str], Tracked]:
    names: dict[int, set[str]] = {}
    for which, sight, _ in many:
        if isinstance(which, Named) and _is_own(which, sight) and "\x00" not in which.draft.external_id:
            names.setdefault(sight.user_id, set()).add(which.draft.external_id)
    found = {}
    for provider_id, external_ids in names.items():
        for one in many_newest(session, provider_id, external_ids):
            found[provider_id, one.run.external_id or ""] = one
    return found


def _opened(session: Session, which: Named, sight: Sight, actor: Actor) -> Tracked | Refused:
    try:
        provider = provider_of(session, sight, which.provider)
        return open_run(session, which.draft, provider, actor).tracked
    except Refused as refusal:
        return refusal
