"""A message is a code with parameters; an error is one with a cause and a next step.

Errors have two roots. `RingfenceError` is for the user: it carries a code whose words, in the
catalogue, are `error.<code>.cause` and `error.<code>.step`. Anything else that is raised is a
bug: it goes to the log and the crash dialog, once, at the edge of the program.
"""

from msgspec import Struct

Parameter = str | int | float


class Text(Struct, frozen=True, gc=False, tag="text"):
    """Something to say: a code of the catalogue and what to fill in.

    A parameter called `count` chooses the plural. Values are shown as plain text.
    """

    code: str
    params: dict[str, Parameter] = {}
    detail: str = ""  # the other side's own words, unfolded on request, hostile


class RingfenceError(Exception):
    """Something the user can understand and act on.

    Attributes:
        code: names the sentences `error.<code>.cause` and `error.<code>.step`.
        params: what they are filled with.
        detail: the library's or the host's own words, kept for the details pane.
    """

    def __init__(self, code: str, detail: str = "", **params: Parameter) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
        self.detail = detail

    @property
    def cause(self) -> Text:
        return Text(f"error.{self.code}.cause", dict(self.params), self.detail)

    @property
    def step(self) -> Text:
        return Text(f"error.{self.code}.step", dict(self.params))
