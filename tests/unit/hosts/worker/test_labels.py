"""Which label belongs to which model: by order, confirmed by shape, else unknown."""

import pytest

from core.facts import Confinement, LabelKind, Reason, SecurityLabel, Unknown, confinement_of
from core.hosts.worker.xml.labels import LabelRow, live_labels
from tests.unit.hosts.worker.readings import MODELS, ROWS, hardened, known, off

SELINUX = "system_u:system_r:svirt_t:s0:c120,c207"


def test_an_selinux_label_is_taken_apart() -> None:
    selinux, dac = known(hardened().labels)

    assert (selinux.type, selinux.level, selinux.categories) == (
        "svirt_t",
        "s0:c120,c207",
        ("c120", "c207"),
    )
    assert (selinux.live, selinux.enforcing, selinux.kind) == (True, True, LabelKind.DYNAMIC)
    assert selinux.image_text.endswith("svirt_image_t:s0:c120,c207")
    assert (dac.kind, dac.enforcing) == (LabelKind.STATIC, Unknown(Reason.NOT_SUPPORTED))


def test_a_range_and_a_label_without_categories() -> None:
    wide = _first("system_u:system_r:svirt_t:s0-s0:c0.c1023")
    bare = _first("system_u:system_r:unconfined_t:s0")

    assert (wide.level, wide.categories) == ("s0-s0:c0.c1023", ("c0.c1023",))
    assert (bare.level, bare.categories) == ("s0", ())


def test_the_stored_side_asks_and_does_not_confine() -> None:
    stored = known(hardened().stored_labels)

    assert [(label.model, label.live) for label in stored] == [("selinux", False), ("dac", False)]
    assert stored[0].enforcing == Unknown(Reason.NOT_RUNNING)


@pytest.mark.parametrize(
    ("rows", "models"),
    [
        (ROWS, ("dac", "selinux")),
        (ROWS[:1], MODELS),
        (ROWS, ("selinux",)),
        ((("libvirt-x y", True), ROWS[1]), ("apparmor", "dac")),
    ],
    ids=["wrong-order", "one-missing", "one-too-many", "no-profile"],
)
def test_what_does_not_fit_is_ambiguous(
    rows: tuple[LabelRow, ...], models: tuple[str, ...]
) -> None:
    found = live_labels((), rows, models)

    assert isinstance(found, Unknown)
    assert found.reason is Reason.AMBIGUOUS


def test_a_host_without_a_mac_driver() -> None:
    found = live_labels((), (("", False), ("+64055:+64055", False)), ("none", "dac"))

    assert [label.model for label in known(found)] == ["dac"]
    assert confinement_of(found, ("none", "dac"), True) is Confinement.NO_DRIVER


def test_an_apparmor_profile() -> None:
    (label,) = known(live_labels((), (("libvirt-1b2c (enforce)", True),), ("apparmor",)))

    assert label.type == "libvirt-1b2c"


def test_labels_wait_for_the_models() -> None:
    reason = Unknown(Reason.NOT_READ)

    assert live_labels((), ROWS, reason) is reason
    assert live_labels((), reason, MODELS) is reason


def test_no_label_asked_for_speaks_for_every_model() -> None:
    machine = off("<domain><seclabel type='none'/></domain>")

    assert known(machine.labels) == ()
    assert [label.kind for label in known(machine.stored_labels)] == [LabelKind.NONE]


def _first(text: str) -> SecurityLabel:
    return known(live_labels((), ((text, True),), ("selinux",)))[0]
