"""What happened around held machines, beside the table: list, case, playbook, report."""
