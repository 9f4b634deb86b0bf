"""fleet.toml and where things live; secrets stay in the keyring."""
