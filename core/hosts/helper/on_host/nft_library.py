"""nft without a process: the library that the nft command itself is made of, where there is one.

A transaction takes about one millisecond this way and some fifteen through the command. The
context is kept: its end waits until the kernel has thrown away what was replaced.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache

from core.hosts.helper.on_host.values import Refused

NFT_LIBRARY = "libnftables.so.1"
NFT_JSON, NFT_NUMERIC = 1 << 4, 15 << 7  # of nftables/libnftables.h
NFT_CALLS_A_CONTEXT = 2000


class NftLibrary:
    """Runs what was made here; threads wait for each other.

    Raises:
        OSError: the host has no such library.
    """

    def __init__(self, name: str = NFT_LIBRARY) -> None:
        self._lock = threading.Lock()
        self._calls = 0
        self._context = 0
        self._library = ctypes.CDLL(name)
        signatures = {
            "nft_ctx_new": ([ctypes.c_uint32], ctypes.c_void_p),
            "nft_ctx_free": ([ctypes.c_void_p], None),
            "nft_ctx_buffer_output": ([ctypes.c_void_p], ctypes.c_int),
            "nft_ctx_buffer_error": ([ctypes.c_void_p], ctypes.c_int),
            "nft_ctx_get_output_buffer": ([ctypes.c_void_p], ctypes.c_char_p),
            "nft_ctx_get_error_buffer": ([ctypes.c_void_p], ctypes.c_char_p),
            "nft_ctx_output_set_flags": ([ctypes.c_void_p, ctypes.c_uint], None),
            "nft_run_cmd_from_buffer": ([ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int),
        }
        for function, (takes, gives) in signatures.items():
            getattr(self._library, function).argtypes = takes
            getattr(self._library, function).restype = gives

    def run(self, text: str, flags: int) -> str:
        """Obey one text and return what it prints.

        Raises:
            Refused: helper-nft, with the library's own words.
        """
        call = self._library
        with self._lock:
            context = self._opened()
            call.nft_ctx_output_set_flags(context, flags)
            status = call.nft_run_cmd_from_buffer(context, text.encode())
            said = call.nft_ctx_get_output_buffer(context) or b""
            error = call.nft_ctx_get_error_buffer(context) or b""
        if status:
            raise Refused("helper-nft", error.decode("utf-8", "replace").strip()[:500])
        return bytes(said).decode("utf-8", "replace")

    def _opened(self) -> int:
        """A context is not kept for ever: whatever it gathers goes with it."""
        if self._context and self._calls >= NFT_CALLS_A_CONTEXT:
            self._library.nft_ctx_free(self._context)
            self._context = 0
        if not self._context:
            self._context, self._calls = self._library.nft_ctx_new(0) or 0, 0
            if not self._context:
                raise Refused("helper-nft", "no context")
            self._library.nft_ctx_buffer_output(self._context)
            self._library.nft_ctx_buffer_error(self._context)
        self._calls += 1
        return self._context


@cache
def nft_library() -> NftLibrary | None:
    try:
        return NftLibrary()
    except (OSError, AttributeError):  # there is none, or one without these functions
        return None


def nft_by_library(words: tuple[str, ...], rules: str) -> str | None:
    """What the nft command would print for these words; None: only the command can do it."""
    library = nft_library()
    if library is None:
        return None
    if words == ("-f", "-"):
        return library.run(rules, 0)
    if words[:3] == ("-j", "-n", "list"):
        return library.run(" ".join(words[2:]), NFT_JSON | NFT_NUMERIC)
    return None
