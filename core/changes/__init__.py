"""Act: every change of a host is a Plan: previewed, journalled, verified, undone (house rule 3)."""
