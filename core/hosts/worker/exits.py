"""Exit codes of a worker, for the session's log and its tests."""

DONE = 0  # asked to close, the connection ended (a `Closed` was sent), or the window is gone
WRONG_USE = 2  # started by hand
PROTOCOL = 71  # an unknown, broken or oversized frame
BUG = 70  # anything nobody foresaw; the traceback is on stderr
