"""What to do after an error, as it is done in the window.

An error's next step is written once, and may name a command. Where the window has a place for it
the catalogue has other words, `window.step.<code>`.
"""

from core.text import Catalogue, RingfenceError, Text


def step_of(error: RingfenceError, t: Catalogue) -> Text:
    """The next step, in the words of the window where there are some."""
    code = f"window.step.{error.code}"
    return Text(code, dict(error.params)) if t.has(code) else error.step


def said(error: RingfenceError, t: Catalogue) -> str:
    """What failed on the first line, what to do on the second."""
    return f"{t.say(error.cause)}\n{t.say(step_of(error, t))}"
