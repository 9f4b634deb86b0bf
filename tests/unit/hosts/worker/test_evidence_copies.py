"""A copy of an encrypted disk is encrypted with the same secret, or is not made."""

import pytest

from core.hosts.worker.evidence import all_locked, backup_xml, luks_secret, plain_copy
from core.hosts.worker.xml.document import parse

SECRET = "8a1f2d4e-0c5b-4d8a-9a55-1f2f6e7b9c01"
FOLDER = "/var/lib/ringfence/evidence/case/collection"


def luks(inside: str, outside: str = "") -> str:
    return f"<disk type='file'><source file='/x.luks'>{inside}</source>{outside}</disk>"


def secret(words: str = f"type='passphrase' uuid='{SECRET}'", form: str = "luks") -> str:
    return f"<encryption format='{form}'><secret {words}/></encryption>"


@pytest.mark.parametrize("text", [luks(secret()), luks("", secret())])
def test_a_disk_with_one_passphrase_keeps_it(text: str) -> None:
    disk = parse(text)
    assert luks_secret(disk) == SECRET and not plain_copy(disk)
    xml = parse(backup_xml(FOLDER, ("vdb",), {"vda": parse(luks("")), "vdb": disk}))
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


def test_a_plain_disk_has_a_plain_copy_and_no_secret() -> None:
    disk = parse(luks(""))
    assert not plain_copy(disk)
    assert "encryption" not in backup_xml(FOLDER, ("vda",), {"vda": disk})


def test_a_job_is_believed_as_libvirt_tells_it() -> None:
    told = backup_xml(FOLDER, ("vdb",), {"vda": parse(luks("")), "vdb": parse(luks(secret()))})
    assert all_locked(("vdb",), told) and all_locked((), "")
    assert not all_locked(("vda",), told) and not all_locked(("vdc",), told)
