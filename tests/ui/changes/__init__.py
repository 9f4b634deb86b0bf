"""User stories of the changes panels."""
