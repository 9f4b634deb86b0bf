"""What a spreadsheet would run: asked by all that write tables for other programs."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def starts_formula(text: str) -> bool:
    """Whether a cell with this text may be run, white space in front or not."""
    return text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
