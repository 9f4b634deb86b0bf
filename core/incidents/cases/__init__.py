"""Cases: what happened around held machines, from the journal and the audit log."""
