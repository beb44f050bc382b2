"""What other slices may answer to, inside the transaction of a realm's change."""

from blinker import Namespace

_signals = Namespace()

# Sent with ``session`` and ``actor`` when a realm was made; receivers add what they owe a new realm.
realm_created = _signals.signal("realm_created")
