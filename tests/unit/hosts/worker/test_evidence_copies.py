"""A copy of an encrypted disk is encrypted with the same secret, or is not made."""

import libvirt
import pytest

from core.hosts.evidence import Taken
from core.hosts.worker import evidence_copies
from core.hosts.worker.evidence import place_of
from core.hosts.worker.evidence_copies import (
    all_locked,
    backed_up,
    backup_xml,
    luks_secret,
    plain_copy,
    refusal_in,
)
from core.hosts.worker.xml.document import parse

SECRET = "8a1f2d4e-0c5b-4d8a-9a55-1f2f6e7b9c01"
PLACE = place_of("/var/lib/ringfence/evidence/case/collection")


def luks(inside: str, outside: str = "") -> str:
    return f"<disk type='file'><source file='/x.luks'>{inside}</source>{outside}</disk>"


def secret(words: str = f"type='passphrase' uuid='{SECRET}'", form: str = "luks") -> str:
    return f"<encryption format='{form}'><secret {words}/></encryption>"


@pytest.mark.parametrize("text", [luks(secret()), luks("", secret())])
def test_a_disk_with_one_passphrase_keeps_it(text: str) -> None:
    disk = parse(text)
    assert luks_secret(disk) == SECRET and not plain_copy(disk)
    xml = parse(backup_xml(PLACE, ("vdb",), {"vda": parse(luks("")), "vdb": disk}))
    [sealed] = xml.findall("disks/disk/target/encryption")
    assert sealed.get("format") == "luks"
    assert (sealed[0].get("type"), sealed[0].get("uuid")) == ("passphrase", SECRET)


@pytest.mark.parametrize(
    "text",
    [
        luks(secret(form="qcow")),
        luks(secret("type='passphrase' usage='mine'")),
        luks(secret(f"type='volume' uuid='{SECRET}'")),
        luks(secret("type='passphrase' uuid='not one'")),
        luks(secret() + secret()),
        luks("<encryption format='luks'/>"),
        f"<disk><source file='/a'/><backingStore><source>{secret()}</source></backingStore></disk>",
    ],
)
def test_what_cannot_be_sealed_would_be_plain(text: str) -> None:
    assert luks_secret(parse(text)) == "" and plain_copy(parse(text))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("cannot write: No space left on device", "evidence-no-room"),
        ("Could not open '/x': Permission denied", "evidence-refused-there"),
        ("failed to create: Operation not permitted", "evidence-refused-there"),
        ("unexpected exit of the program", ""),
    ],
)
def test_what_keeps_a_host_from_writing_is_told_apart(words: str, code: str) -> None:
    assert refusal_in(words) == code


class Machine:
    """A machine of one disk whose copies begin only after so many refusals in these words."""

    def __init__(self, refusals: int, words: str) -> None:
        self.left = refusals
        self._words = words

    def XMLDesc(self, _flags: int) -> str:
        disk = "<disk><source/><target dev='vda'/></disk>"
        return f"<domain><devices>{disk}</devices></domain>"

    def backupBegin(self, *_: object) -> None:
        if self.left:
            self.left -= 1
            raise Refusal(self._words)

    def jobStats(self, flags: int = 0) -> dict[str, object]:
        return {"success": True} if flags else {"type": 0}


class Refusal(libvirt.libvirtError):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self._words = words

    def get_error_message(self) -> str:
        return self._words


STOOD = "failed to format image: 'Unable to get accurate CPU usage'"


@pytest.mark.parametrize(
    ("refusals", "words", "begun"),
    [(2, STOOD, True), (100, STOOD, False), (1, "no such disk", False)],
)
def test_a_clock_that_stood_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, refusals: int, words: str, begun: bool
) -> None:
    monkeypatch.setattr(evidence_copies, "JOB_LOOK_S", 0.0)
    machine = Machine(refusals, words)
    if begun:
        assert backed_up(machine, ("vda",), PLACE) == Taken(
            ("disk-vda.qcow2",), "virDomainBackupBegin", ("push", "full")
        )
        return
    with pytest.raises(Refusal):
        backed_up(machine, ("vda",), PLACE)
    assert machine.left >= refusals - evidence_copies.CLOCK_TRIES


def test_a_plain_disk_has_a_plain_copy_and_no_secret() -> None:
    disk = parse(luks(""))
    assert not plain_copy(disk)
    assert "encryption" not in backup_xml(PLACE, ("vda",), {"vda": disk})


def test_a_job_is_believed_as_libvirt_tells_it() -> None:
    told = backup_xml(PLACE, ("vdb",), {"vda": parse(luks("")), "vdb": parse(luks(secret()))})
    assert all_locked(("vdb",), told) and all_locked((), "")
    assert not all_locked(("vda",), told) and not all_locked(("vdc",), told)
