"""User stories of the hosts panels."""
