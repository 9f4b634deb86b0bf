"""Who owns a machine, from fleet.toml; the machine's own metadata is only a claim."""
