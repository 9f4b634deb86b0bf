"""Adding hosts, asking them how they are, and answering what they ask."""
