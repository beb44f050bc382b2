"""What other slices may answer to, inside the transaction of a realm's change."""

from blinker import Namespace

_signals = Namespace()

# Sent with ``session`` and ``actor`` when a realm was made; receivers add what they owe a new realm.
realm_created = _signals.signal("realm_created")
# Sent with ``session`` before a slice is purged; receivers raise Refused (409) while something in it runs.
slice_purging = _signals.signal("slice_purging")
