"""What a host keeps of a hold is read again as hostile: one altered byte and it is none of ours."""

from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from core.hosts.helper.holds import HoldFile
from core.hosts.helper.orders import Door
from core.incidents.documents import (
    RELEASE_DOMAIN,
    DocumentError,
    HoldDocument,
    ReleaseOrder,
    canonical,
    differences,
    next_generation,
    read_hold,
    read_release,
    signed_hold,
    signed_release,
    signers_of,
)
from core.incidents.model import How, Mode
from core.keys.operator import OperatorKey
from core.text import RingfenceError

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
UUID = "6695eb01-f6a4-8304-79aa-97f2502e1930"
CASE = "0193519e-7d80-7a3c-b1d0-5a6c0f0e7d11"
XML = f"<domain type='kvm'><name>wéb</name><uuid>{UUID}</uuid></domain>\n"
DOCUMENT = HoldDocument(
    uuid=UUID,
    name="wéb",
    case=CASE,
    mode=Mode.FORENSIC,
    owner="alice@desk",
    station="desk",
    since=NOW,
    reason="Malware",
    generation=1,
    macs=("52:54:00:00:00:01",),
    doors=(Door("192.0.2.9", 22),),
    drill=False,
    ran=True,
    autostart=None,
    raise_on_release=("52:54:00:00:00:01",),
    before_stored=XML,
    before_live="",
    writer="alice@desk",
    written=NOW,
)
ORDER = ReleaseOrder(
    uuid=UUID,
    case=CASE,
    generation=1,
    how=How.RESUME,
    reason="clean",
    asked_by="alice@desk",
    station="desk",
    asked_at=NOW,
)


@pytest.fixture
def key() -> OperatorKey:
    return OperatorKey(Ed25519PrivateKey.generate())


def file_of(document: HoldDocument, key: OperatorKey) -> HoldFile:
    text, signature = signed_hold(document, key)
    return HoldFile(document.uuid, document.generation, text, signature, True, "", (), ())


def test_a_document_comes_back_as_it_was_written(key: OperatorKey) -> None:
    assert read_hold(file_of(DOCUMENT, key)) == DOCUMENT


def test_its_bytes_are_canonical() -> None:
    body = canonical(DOCUMENT)
    names = list(msgspec.json.decode(body))
    assert names == sorted(names)
    assert b", " not in body.replace(XML.encode(), b"")
    assert "wéb".encode() in body


def refusal(file: HoldFile) -> object:
    with pytest.raises(DocumentError) as caught:
        read_hold(file)
    return caught.value.params["why"]


def test_one_altered_byte_is_found(key: OperatorKey) -> None:
    file = file_of(DOCUMENT, key)
    altered = file.document.replace("alice", "alicf", 1)
    assert refusal(structs.replace(file, document=altered)) == "signature"


def test_a_key_the_host_was_not_given_is_not_believed(key: OperatorKey) -> None:
    assert refusal(structs.replace(file_of(DOCUMENT, key), valid=False)) == "signature"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"macs": ("52:54:00:00:00:0G",)}, "macs"),
        ({"macs": ("52:54:00:00:00:01",) * 65}, "macs"),
        ({"doors": (Door("fe80::1", 22),)}, "doors"),
        ({"doors": (Door("192.0.2.9", 0),)}, "doors"),
        ({"case": "../../etc"}, "uuid"),
        ({"reason": "x" * 1001}, "words"),
        ({"since": NOW.replace(tzinfo=None)}, "time"),
        ({"before_stored": XML.replace(UUID[:8], "00000000")}, "xml"),
        ({"before_stored": "<domain"}, "xml"),
        ({"format": 2}, "format"),
    ],
)
def test_every_field_is_checked(key: OperatorKey, change: dict[str, object], why: str) -> None:
    assert refusal(file_of(structs.replace(DOCUMENT, **change), key)) == why


def test_a_generation_the_host_tells_otherwise(key: OperatorKey) -> None:
    assert refusal(structs.replace(file_of(DOCUMENT, key), generation=2)) == "generation"


def test_another_form_or_another_field_is_none_of_ours(key: OperatorKey) -> None:
    for text in (
        canonical(DOCUMENT).decode() + " ",
        canonical(DOCUMENT).decode()[:-1] + ',"zeta":1}',
        "[" * 100_000,
    ):
        signature = key.sign(b"ringfence-hold-v1\0", text.encode())
        file = HoldFile(UUID, 1, text, signature, True, "", (), ())
        assert refusal(file) in {"form", "json"}


def test_two_people_sign_the_same_words(key: OperatorKey) -> None:
    second = OperatorKey(Ed25519PrivateKey.generate())
    text = canonical(ORDER).decode()
    signatures = (signed_release(text, key), signed_release(text, second))
    file = structs.replace(
        file_of(DOCUMENT, key), release=text, release_signatures=(*signatures, signatures[0])
    )
    assert read_release(file) == ORDER
    assert signers_of(file) == {key.public_hex, second.public_hex}


def test_a_signature_for_one_purpose_serves_no_other(key: OperatorKey) -> None:
    text, signature = signed_hold(DOCUMENT, key)
    file = HoldFile(UUID, 1, text, signature, True, text, (signature,), ())
    assert signers_of(file) == frozenset()
    assert key.sign(RELEASE_DOMAIN, text.encode()) != signature


def test_a_release_order_of_another_generation_is_refused(key: OperatorKey) -> None:
    text = canonical(structs.replace(ORDER, generation=7)).decode()
    with pytest.raises(RingfenceError):
        read_release(structs.replace(file_of(DOCUMENT, key), release=text))


def test_the_difference_names_the_fields(key: OperatorKey) -> None:
    theirs = structs.replace(DOCUMENT, mode=Mode.STRICT, doors=(), writer="bob")
    assert differences(DOCUMENT, theirs) == ("mode", "doors")
    after = next_generation(DOCUMENT, "bob", NOW)
    assert differences(DOCUMENT, after) == ("generation",)
