"""fleet.toml, preferences and where things live; secrets stay in the keyring."""
