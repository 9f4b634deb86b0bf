"""Asks one hidden question on its terminal for as long as its argument says, and prints the
answer. A real process, for a test that holds the other end of its terminal."""

import asyncio
import sys
from contextlib import suppress

from core.cli.prompts import TerminalPrompts
from core.text import load_catalogue


async def ask(patience_s: float) -> None:
    prompts = TerminalPrompts(load_catalogue("en"))
    answer: str | None = "(given up)"
    with suppress(TimeoutError):
        asking = prompts.credential("esx1", "libvirt-password ann", secret=True)
        answer = await asyncio.wait_for(asking, patience_s)
    print(f"answer={answer} asking={prompts.asking} answered={prompts.answered}")


if __name__ == "__main__":
    asyncio.run(ask(float(sys.argv[1])))
