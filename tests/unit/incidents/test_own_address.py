"""Our own address towards a host is the kernel's word, and nothing rather than a guess."""

import asyncio

import pytest

from core.incidents.own_address import own_address


@pytest.mark.parametrize(
    "uri",
    [
        "qemu:///system",
        "test:///default",
        "qemu+ssh://root@[::1]/system",
        "qemu+ssh://127.0.0.1/system",
        "qemu+ext:///system?command=x",
        "no uri",
    ],
)
def test_what_cannot_be_told_is_empty(uri: str) -> None:
    assert asyncio.run(own_address(uri)) == ""
