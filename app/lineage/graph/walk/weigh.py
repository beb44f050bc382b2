"""Why an edge is drawn: the strongest evidence the viewer wants to see."""

from typing import Final

from app.lineage.graph.model import EVIDENCE, STRONG
from app.lineage.graph.walk.around import Around, Key, Tally
from app.lineage.graph.walk.hidden import DataOnly

DATA: Final = frozenset(("d", "g"))


class Weigh:
    """Judges edges under one question; an input beside others with explicit or column evidence is only possible."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.wanted = around.asked.evidence
        self.order = [one for one in EVIDENCE if one in self.wanted]
        # Only then does what an input counts as decide whether it is walked.
        self.must_know = ("operation" in self.wanted) != ("possible" in self.wanted)

    def evidence(self, source: Key, target: Key, tally: Tally) -> str | None:
        """Return the strongest wanted evidence of an edge, None where there is none."""
        found = tally.evidence
        if isinstance(self.around, DataOnly) and "operation" in found and not found & STRONG:
            if self.around.sources(target, source) is not None:
                found = (found - {"operation"}) | {"possible"}
        elif "operation" in found and target[0] in "jro" and source[0] in DATA and not found & STRONG:
            strong = self._sources(target)
            if strong is not None:
                found = (found - {"operation"}) | {"explicit" if source in strong else "possible"}
        for one in self.order:
            if one in found:
                return one
        return None

    def refusal(self, node: Key, other: Key, side: str, tally: Tally) -> str | None:
        """Return why a neighbour is not shown: hidden, noise or evidence; None where it is."""
        hide = self.around.asked.hide
        if hide and self.around.names.token(other) in hide:
            return "hidden"
        if not self.around.asked.noise and self.around.names.is_noise(other):
            return "noise"
        ends = (other, node) if side == "up" else (node, other)
        return None if self.evidence(*ends, tally) is not None else "evidence"

    def _sources(self, job: Key) -> set[Key] | None:
        """Return what the job's outputs claim as sources, None unless every output has explicit or column evidence."""
        found: set[Key] = set()
        written = False
        for output, tally in self.around.beside(job, "down").items():
            if output[0] not in DATA or "operation" not in tally.evidence:
                continue
            written = True
            above = self.around.beside(output, "up").items()
            said = {one for one, up in above if one[0] in DATA and up.evidence & STRONG}
            if not said and not tally.evidence & STRONG:
                return None
            found |= said
        return found if written else None
