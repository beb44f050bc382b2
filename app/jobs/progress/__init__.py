"""How far a run is: pure arithmetic over reports, history and clocks.

Times are whole microseconds since 1970 in UTC, lengths are seconds, progress is 0.0 to 100.0. Nothing here knows a
database or a request.
"""
