"""The readers of one page, and its live regions as they were rendered last."""

import threading
from dataclasses import dataclass, field

from app.delivery.live.render import Address
from app.delivery.live.watcher import Watcher
from app.web.live import About, Rendering, control, message


@dataclass(slots=True)
class Room:
    """A page that somebody watches; ``targets`` are all its regions, so that every watcher finds his among them."""

    address: Address
    targets: tuple[str, ...]
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
        fresh = {target: message(html, target, number) for target, html in shown.items() if known.get(target) != html}
        for watcher in list(self.watchers):
            self._send(watcher, fresh, number)

    def catch_up(self, watcher: Watcher, number: int) -> None:
        """Send one watcher every region he wants, in its present form."""
        shown = self.rendering.html if self.rendering else {}
        self._send(watcher, {target: message(html, target, number) for target, html in shown.items()}, number)

    def _send(self, watcher: Watcher, frames: dict[str, bytes], number: int) -> None:
        for target, frame in frames.items():
            if self._wants(watcher, target):
                watcher.send((id(self), target), frame)
        if self.rendering is None or self.rendering.is_final:
            watcher.close(control("bye", number))

    def _wants(self, watcher: Watcher, target: str) -> bool:
        place = self.address.place
        return any(key.region.target == target and key.place == place for key in watcher.keys)
