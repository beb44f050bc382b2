"""What jobs ask of higher slices; receivers answer with values."""

from blinker import Namespace

_signals = Namespace()
jobs_listed = _signals.signal("jobs-listed")
"""Sent with ``session`` and ``runs`` (number of the last run by job id); answers {job id: (inputs, outputs)}."""
io_asked = _signals.signal("io-asked")
"""Sent with ``has`` (bool); answers a condition on Job: whether it reads or writes datasets."""
annotated = _signals.signal("annotated")
"""Sent with ``session``, ``kind`` and ``entity_id`` after people said something about an entity, before the commit."""
