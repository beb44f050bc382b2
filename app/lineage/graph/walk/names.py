"""Which node a dataset or job belongs to (symlinks, partitions of one thing, parts of a job), and what is noise."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy.orm import Session

from app.driver import read
from app.lineage.graph.model import Question, Token
from app.lineage.graph.patterns import TESTS, Rule, base, matches
from app.lineage.graph.walk.settings import GraphSettings
from app.lineage.queries import graph as queries
from app.lineage.queries.graph_sql import array

Key = tuple[str, Any]
KINDS: Final = {"d": "dataset", "j": "job", "g": "group", "r": "run", "o": "operation"}


class Named(NamedTuple):
    """Namespace and name; of a job also its type and the job it folds into."""

    namespace: str
    name: str
    type: str | None = None
    into: int | None = None


@lru_cache(maxsize=100)
def _matcher(rules: tuple[Rule, ...], *, is_job: bool) -> Callable[[str, str, bool], bool]:
    """Return what says whether names are noise; it remembers, because the same names are asked on every page."""
    patterns = [rule.pattern for rule in rules if rule.pattern != TESTS and not (is_job and rule.is_default)]
    tests = any(rule.pattern == TESTS for rule in rules)

    @lru_cache(maxsize=20_000)
    def is_noise(namespace: str, name: str, is_test: bool) -> bool:
        return (tests and is_test) or any(matches(pattern, namespace, name) for pattern in patterns)

    return is_noise


@lru_cache(maxsize=100)
def _baser(rules: tuple[Rule, ...]) -> Callable[[str, str], str | None]:
    """Return what finds the base of a name under the first group rule that matches, None where none does."""

    @lru_cache(maxsize=20_000)
    def base_of(namespace: str, name: str) -> str | None:
        found = (base(rule.pattern, name, namespace) for rule in rules)
        return next((one[0] for one in found if one is not None), None)

    return base_of


class Names:
    """What is known of the names met so far; ``learn`` loads what is new."""

    def __init__(self, session: Session, realm_id: int, dialect: str, asked: Question, settings: GraphSettings) -> None:
        self.session = session
        self.realm_id = realm_id
        self.dialect = dialect
        self.asked = asked
        self.settings = settings
        self.datasets: dict[int, Named] = {}
        self.jobs: dict[int, Named] = {}
        self.deeds: dict[Key, tuple[str, Named]] = {}
        self.groups: dict[str, tuple[Named, list[int]]] = {}
        self._home: dict[int, int] = {}
        self._group: dict[int, str] = {}
        self._top: dict[int, int] = {}
        self._noise: dict[Key, bool] = {}
        self._tried: set[tuple[str, str]] = set()
        # Found once: what finds them takes every rule's hash.
        self._matches = {is_job: _matcher(settings.noise, is_job=is_job) for is_job in (True, False)}
        self._base_of = _baser(settings.groups)

    def learn(self, datasets: Iterable[int], jobs: Iterable[int]) -> None:
        """Load names not yet known in one statement, and one more for what new datasets are partitions of."""
        new = [id_ for id_ in datasets if id_ not in self._home]
        unknown = [id_ for id_ in jobs if id_ not in self.jobs]
        if not new and not unknown:
            return
        statement = queries.names(self.dialect, self.asked.fold, datasets=bool(new), jobs=bool(unknown))
        fresh = []
        for kind, id_, into, namespace, name, type_ in self._execute(
            statement, array(new, self.dialect), array(unknown, self.dialect)
        ):
            if kind == "j":
                self.jobs[id_] = Named(namespace, name, type_, into)
                continue
            self._home[id_] = self._home[into] = into
            if into not in self.datasets:
                self.datasets[into] = Named(namespace, name)
                fresh.append(into)
        if fresh and self.asked.group and self.settings.groups:
            self._gather(fresh)

    def key(self, kind: str, id_: int) -> Key | None:
        """Return the node of a dataset by any of its ids, of a job or a run; None for one that is not there."""
        if kind == "j":
            top = self._top.get(id_)
            if top is None and id_ in self.jobs:
                top = self._topmost(id_)
            return None if top is None else ("j", top)
        if kind in "ro":
            return (kind, id_) if (kind, id_) in self.deeds else None
        home = self._home.get(id_)
        if home is None:
            return None
        group = self._group.get(home)
        return ("d", home) if group is None else ("g", group)

    def members(self, node: Key) -> list[int]:
        """Return the canonical datasets, the job or the run number behind a node."""
        return self.groups[node[1]][1] if node[0] == "g" else [node[1]]

    def named(self, node: Key) -> Named:
        """Return the names of a node; those of a group are its base path."""
        if node[0] == "g":
            return self.groups[node[1]][0]
        if node[0] in "ro":
            return self.deeds[node][1]
        return (self.jobs if node[0] == "j" else self.datasets)[node[1]]

    def is_noise(self, node: Key) -> bool:
        """Return whether a rule calls the node noise."""
        found = self._noise.get(node)
        if found is None:
            found = self._noise[node] = self._is_noise(node)
        return found

    def _is_noise(self, node: Key) -> bool:
        named, is_job = self.named(node), node[0] in "jro"
        return self._matches[is_job](named.namespace, named.name, is_job and named.type == "TEST")

    def token(self, node: Key) -> Token:
        """Return the node as URLs name it."""
        id_ = self.deeds[node][0] if node[0] in "ro" else str(node[1])
        return Token(KINDS[node[0]], id_)

    def _topmost(self, id_: int) -> int:
        way = [id_]
        while (into := self.jobs[way[-1]].into) is not None and into in self.jobs and into not in way:
            way.append(into)
        # Parents that form a circle fold into the smallest of them, from wherever one begins.
        is_circle = into is not None and into in way
        found = min(way[way.index(into) :]) if is_circle and into is not None else way[-1]
        self._top |= dict.fromkeys(way, found)
        return found

    def _gather(self, fresh: Sequence[int]) -> None:
        wanted: set[tuple[str, str]] = set()
        for id_ in fresh:
            named = self.datasets[id_]
            base_ = self._base(named)
            if base_ is not None and (named.namespace, base_) not in self._tried:
                wanted.add((named.namespace, base_))
        if not wanted:
            return
        self._tried |= wanted
        prefixes = sorted({base_.partition("*")[0][:150] for _, base_ in wanted} - {"", "/"})
        found: dict[tuple[str, str], list[int]] = {pair: [] for pair in wanted}
        for id_, namespace, name in self._execute(queries.beginning(self.dialect), self._texts(prefixes)):
            base_ = self._base(Named(namespace, name))
            if base_ is not None and (namespace, base_) in found:
                found[namespace, base_].append(id_)
                self._home[id_] = id_
                self.datasets.setdefault(id_, Named(namespace, name))
        for (namespace, base_), ids in found.items():
            if len(ids) > 1:
                digest = blake2b(f"{namespace}\0{base_}".encode(), digest_size=8).hexdigest()
                self.groups[digest] = (Named(namespace, base_), sorted(set(ids)))
                self._group |= dict.fromkeys(ids, digest)

    def _base(self, named: Named) -> str | None:
        return self._base_of(named.namespace, named.name)

    def _texts(self, texts: list[str]) -> str:
        if self.dialect == "sqlite":
            return msgspec.json.encode(texts).decode()
        escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
        return "{" + ",".join(f'"{text}"' for text in escaped) + "}"

    def _execute(self, statement: Any, ids: str, jobs: str = "") -> Iterable[Any]:
        return read(self.session, statement.text, {"realm_id": self.realm_id, "ids": ids, "ids_j": jobs})
