"""Keys that stay on this station: where they are kept, and how they are fetched."""
