"""The checks, one small file a family: facts in, Outcome out."""
