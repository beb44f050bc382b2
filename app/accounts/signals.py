"""What accounts tell the slices above them, within the same transaction."""

from blinker import Signal

# Sent with session, user, caps (names) and actor after an invitation was accepted; the receiver grants the caps.
joined = Signal("A person accepted an invitation.")
