"""Selects on settings."""

from sqlalchemy import ColumnElement, Select, or_, select

from app.changes.models import Change
from app.realms.models import Config, RealmSlice

SORTS = {"name": Config.name}


def settings(slice_id: int | None) -> Select[Config]:
    """Select the settings of one slice, or with None those of the whole realm."""
    return select(Config).where(Config.slice_id.is_(None) if slice_id is None else Config.slice_id == slice_id)


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the condition that name or description holds each word."""
    return [
        or_(Config.name.icontains(word, autoescape=True), Config.descr.icontains(word, autoescape=True))
        for word in text.split()
    ]


def setting(slice_id: int | None, name: str) -> Select[Config]:
    """Select one setting of a slice, or with None of the whole realm, by its name in any case."""
    return settings(slice_id).where(Config.name == name.upper())


def setting_by_id(config_id: int) -> Select[Config]:
    """Select a setting by the number the change log knows it by."""
    return select(Config).where(Config.id == config_id)


def slice_ids(limit: int) -> Select[int]:
    """Select the numbers of the first slices of the realm."""
    return select(RealmSlice.id).order_by(RealmSlice.id).limit(limit)


def history(config_id: int, limit: int) -> Select[Change]:
    """Select the changes of one setting, the newest first."""
    return (
        select(Change)
        .where(Change.kind == "config", Change.entity_id == str(config_id))
        .order_by(Change.at.desc(), Change.id.desc())
        .limit(limit)
    )
