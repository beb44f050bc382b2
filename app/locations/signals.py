"""What locations tell higher slices within the same transaction."""

from blinker import Namespace

_signals = Namespace()
location_merged = _signals.signal("location-merged")
