"""Which processes are a machine's, and what is done where nft's library is not there."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from core.hosts.helper.on_host.nft_library import NftLibrary, nft_by_library
from core.hosts.helper.on_host.processes import guest_name_of, pids_of


@contextmanager
def looks_like_qemu(folder: Path, uuid: str, name: str = "web") -> Generator[int]:
    """A process by whose program's name and arguments nobody could tell it from a machine's."""
    program = folder / "qemu-stand-in"
    if not program.exists():
        shutil.copy("/bin/sh", program)
    words = [str(program), "-c", "echo up; read wait", "-name", f"guest={name},x=y", "-uuid", uuid]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"  # before it runs it may have no arguments yet
        try:
            yield process.pid
        finally:
            process.kill()


def no_card(_pid: int) -> bool:
    return False


def a_card(_pid: int) -> bool:
    return True


def test_what_only_looks_like_the_machine_hides_nothing(tmp_path: Path) -> None:
    uuid = str(uuid4())
    with looks_like_qemu(tmp_path, uuid) as first:
        assert pids_of(uuid, no_card) == (first,)
        with looks_like_qemu(tmp_path, uuid) as second:
            assert pids_of(uuid, no_card) == tuple(sorted((first, second)))
            assert pids_of(str(uuid4()), no_card) == ()
    assert pids_of(uuid, a_card) == ()


def test_a_machine_that_started_anew_is_found_anew(tmp_path: Path) -> None:
    uuid = str(uuid4())
    with looks_like_qemu(tmp_path, uuid) as before:
        assert pids_of(uuid, a_card) == (before,)
    with looks_like_qemu(tmp_path, uuid) as after:
        assert pids_of(uuid, a_card) == (after,)


@pytest.mark.parametrize(("written", "name"), [("web", "web"), ("a,,b", "a,b"), ("", "")])
def test_the_guests_name_is_read_as_qemu_writes_it(tmp_path: Path, written: str, name: str) -> None:
    with looks_like_qemu(tmp_path, str(uuid4()), written) as pid:
        assert guest_name_of(pid) == name


def test_a_host_without_the_library_keeps_the_command() -> None:
    with pytest.raises(OSError, match="no-such"):
        NftLibrary("libno-such-nftables.so.1")
    assert nft_by_library(("--version",), "") is None
