"""What jobs ask of higher slices; receivers answer with values."""

from blinker import Namespace

_signals = Namespace()
jobs_listed = _signals.signal("jobs-listed")
"""Sent with ``session`` and ``runs`` (number of the last run by job id); answers {job id: (inputs, outputs)}."""
io_asked = _signals.signal("io-asked")
"""Sent with ``has`` (bool); answers a condition on Job: whether it reads or writes datasets."""
words_asked = _signals.signal("words-asked")
"""Sent with ``session`` and ``text``; answers (condition on Job that its search document has the words, whether that
finds few enough to be looked up) or None when the text asks for nothing."""
annotated = _signals.signal("annotated")
"""Sent with ``session``, ``kind`` and ``entity_id`` after people said something about an entity, before the commit."""
run_ended = _signals.signal("run-ended")
"""Sent with ``session`` and ``run`` (Run) when an attempt ends for the first time, before the commit; receivers that
care only for whole processes look at ``run.parent_run``."""
