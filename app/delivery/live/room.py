"""The readers of one page, and its live regions as they were rendered last."""

import threading
from dataclasses import dataclass, field

from app.delivery.live.delta import delta
from app.delivery.live.render import Address
from app.delivery.live.watcher import Watcher
from app.web.live import About, Key, LiveRegion, Rendering, control, message, whole


@dataclass(slots=True)
class Room:
    """A page that somebody watches; ``regions`` are all of it by the ids of their elements."""

    address: Address
    regions: dict[str, LiveRegion]
    watchers: set[Watcher] = field(default_factory=set)
    rendering: Rendering | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kinds(self) -> set[str]:
        """Return the kinds of things the page is about."""
        return {kind for kind, _ in self.rendering.about} if self.rendering else set()

    def is_touched(self, changed: set[About]) -> bool:
        """Return whether the page is about something that changed; one being rendered for the first time may be."""
        if self.rendering is None:
            return True
        return any((kind, None) in self.rendering.about or (kind, one) in self.rendering.about for kind, one in changed)

    def show(self, rendering: Rendering | None, number: int) -> None:
        """Send what looks different now to everyone; a page that is gone or final says goodbye."""
        before, self.rendering = self.rendering, rendering
        shown, known = rendering.html if rendering else {}, before.html if before else {}
        fresh = [target for target, html in shown.items() if known.get(target) != html]
        frames = {target: message(number, whole(target, shown[target])) for target in fresh}
        little = {target: self._little(target, known.get(target, ""), shown[target], number) for target in fresh}
        for watcher in list(self.watchers):
            for target in fresh:
                self._send(watcher, target, frames[target], little[target])
            self._part(watcher, number)

    def catch_up(self, watcher: Watcher, number: int) -> None:
        """Send one watcher every region he wants, in its present form."""
        for target, html in (self.rendering.html if self.rendering else {}).items():
            self._send(watcher, target, message(number, whole(target, html)), None)
        self._part(watcher, number)

    def _little(self, target: str, old: str, new: str, number: int) -> bytes | None:
        if not old:
            return None
        parts = (self.regions[target].parts or delta)(old, new)
        return message(number, *parts) if parts else None

    def _send(self, watcher: Watcher, target: str, frame: bytes, little: bytes | None) -> None:
        key = Key(self.regions[target], self.address.place)
        if key not in watcher.keys:
            return
        what = (id(self), target)
        if little is not None and (what in watcher.whole or not self.regions[target].from_whole):
            watcher.send((what, little), little)
            return
        watcher.whole.add(what)
        watcher.send(what, frame)

    def _part(self, watcher: Watcher, number: int) -> None:
        if self.rendering is None or self.rendering.is_final:
            watcher.close(control("bye", number))
