"""Roles as a convenience of the grant form: each stands for plain capabilities, and nothing remembers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.web.capabilities import capabilities, is_known


@dataclass(frozen=True, slots=True)
class Bundle:
    """A role: its words, what it is for, its capabilities of the realm and those of the apps that are chosen."""

    name: str
    label: str
    description: str
    caps: tuple[str, ...]
    of_apps: tuple[str, ...] = ()


BUNDLES: Final = (
    Bundle("viewer", "Viewer", "reads every area and changes nothing", (".read",)),
    Bundle("operator", "Operator", "runs jobs, fleet and deliveries, and reads every area",
           (".read", "jobs.write", "fleet.write", "delivery.write")),
    Bundle("steward", "Data steward", "keeps lineage, catalog and settings; schemas and rules of the apps chosen",
           ("lineage.write", "catalog.write", "config"), ("schema", "rules")),
    Bundle("admin", "Admin", "hands out capabilities, blocks people, reads everything; not root",
           ("auth", "config", "report")),
)  # fmt: skip


def expand(names: Iterable[str], *, with_apps: bool) -> list[str]:
    """Return the capabilities roles stand for, each once; those of apps only when apps are named.

    What no part of this installation registered is left out, as are names of no role.
    """
    found: dict[str, None] = {}
    for bundle in (one for one in BUNDLES if one.name in set(names)):
        for cap in (*bundle.caps, *(bundle.of_apps if with_apps else ())):
            found |= dict.fromkeys(_every_reading() if cap == ".read" else [cap] if is_known(cap) else [])
    return list(found)


def _every_reading() -> list[str]:
    return [name for name in capabilities() if name.endswith(".read")]
