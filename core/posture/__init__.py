"""Judge: pure functions from facts to findings. A judge never opens a connection."""
