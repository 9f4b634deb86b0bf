"""One rich document, fact by fact, and the cases beside it."""

import pytest

from core.facts import (
    ConsoleKind,
    EncryptionFormat,
    Exposure,
    Firmware,
    NicCut,
    NicKind,
    Reason,
    Unknown,
)
from tests.unit.hosts.worker.readings import devices, hardened, known, off, running


def test_disks_say_where_the_bytes_live() -> None:
    system, ceph, seed = known(hardened().disks)

    assert (system.source, system.format, system.encryption) == (
        "/images/h.qcow2",
        "qcow2",
        EncryptionFormat.LUKS,
    )
    assert system.chain == ("/images/golden.qcow2", "/images/base.img")
    assert system.chain_formats == ("qcow2", "raw")
    assert system.limits == {"total_iops_sec": 2000}
    assert [(label.model, label.relabel) for label in system.labels] == [("dac", False)]
    assert (ceph.source, ceph.hosts) == ("rbd:pool/image", ("ceph1:6789", "ceph2"))
    assert (ceph.shareable, ceph.secret, ceph.chain) == (True, "", ())
    assert (seed.device, seed.source, seed.read_only) == ("cdrom", "iso/seed.iso", True)


def test_a_chain_libvirt_has_not_looked_at_is_unknown() -> None:
    disk = "<disk type='file'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>"
    (found,) = known(off(devices(disk)).disks)

    assert found.chain == Unknown(Reason.NOT_READ)


def test_cards_of_every_kind() -> None:
    network, bridge, direct, hostdev, other = known(hardened().nics)

    assert (network.source, network.port_group, network.bridge) == ("default", "dmz", "virbr0")
    assert network.filter_parameters == {"IP": ("10.0.0.5", "10.0.0.6")}
    assert (network.isolated, network.link_up, network.inbound_limited) == (True, False, True)
    assert (bridge.vlans, bridge.vlan_trunk) == ((42, 43), True)
    assert (bridge.virtual_port, bridge.trust_guest_rx_filters) == ("openvswitch", True)
    assert (direct.source, direct.mode) == ("eth0", "bridge")
    assert (hostdev.source, hostdev.cut) == ("0000:3b:02:1", NicCut.NOT_BY_LINK)
    assert (other.kind, other.cut) == (NicKind.OTHER, NicCut.NOT_BY_LINK)


def test_consoles_and_how_far_they_reach() -> None:
    found = known(hardened().consoles)
    vnc, spice, sdl, pty, listening, calling, unix = found

    assert vnc.listen == ("0.0.0.0", "/run/v.sock")
    assert (vnc.exposure, vnc.websocket_port, vnc.password_set) == (
        Exposure.EVERYWHERE,
        5701,
        True,
    )
    assert (spice.default_listen, spice.exposure, spice.tls) == (True, Exposure.UNKNOWN, True)
    assert (spice.clipboard, spice.file_transfer) == (False, True)
    assert (sdl.kind, sdl.exposure) == (ConsoleKind.SDL, Exposure.OFF)
    assert pty.exposure is Exposure.LOCAL
    assert (listening.exposure, listening.port, listening.tls) == (
        Exposure.EVERYWHERE,
        4555,
        False,
    )
    assert calling.exposure is Exposure.OFF
    assert (unix.listen, unix.exposure) == (("/run/s.sock",), Exposure.LOCAL)


def test_a_hidden_password_is_unknown_not_absent() -> None:
    graphics = "<graphics type='vnc' port='-1'><listen type='address' address='::'/></graphics>"
    (vnc,) = known(off(devices(graphics)).consoles)

    assert vnc.password_set == Unknown(Reason.NOT_PERMITTED)
    assert (vnc.port, vnc.exposure) == (0, Exposure.EVERYWHERE)


def test_other_devices_are_flattened() -> None:
    machine = hardened()
    found = known(machine.devices)
    by_kind = {device.kind: device for device in found}

    assert by_kind["tpm"]["backend.encryption.secret"] == "6dd3e4a5"
    assert by_kind["video"]["model.acceleration.accel3d"] == "yes"
    assert by_kind["rng"].source == "/dev/urandom"
    assert by_kind["filesystem"].source == "/srv/share"
    assert by_kind["redirfilter"]["usbdev.allow"] == "no"
    assert by_kind["redirfilter"]["usbdev#2.allow"] == "yes"
    assert by_kind["channel"].target == "org.qemu.guest_agent.0"
    assert [d.source for d in found if d.kind == "hostdev"] == ["0000:01:00:0", "0x1050:0x0407"]
    assert by_kind["sysinfo"]["entry.serial"] == "password=secret"
    assert by_kind["launchSecurity"]["policy"] == "0x0007"
    assert machine.custom_arguments == (
        "commandline arg value=-monitor",
        "commandline env name=A value=1",
    )


def test_firmware_and_tuning() -> None:
    machine = hardened()
    firmware, tuning = known(machine.firmware), known(machine.tuning)

    assert (firmware.kind, firmware.secure_boot, firmware.enrolled_keys) == ("efi", True, True)
    assert (firmware.boot_order, firmware.smm, firmware.loader_read_only) == (("hd",), True, True)
    assert (tuning.vcpus, tuning.max_vcpus) == (2, 4)
    assert (tuning.memory_bytes, tuning.max_memory_bytes) == (2 * 1024**3, 4 * 1024**3)
    assert (tuning.cpu_quota, tuning.cpu_mode, tuning.cpu_features) == (
        50000,
        "host-model",
        {"vmx": "disable"},
    )
    assert tuning.real_time == ("vcpusched fifo 1",)
    assert (tuning.no_shared_pages, tuning.locked, tuning.hard_limit_bytes) == (
        True,
        True,
        5 * 1024**3,
    )
    assert (tuning.access, tuning.dump_core, tuning.cache_tune) == ("shared", "off", True)
    assert (machine.features["smm"], machine.features["on_crash"]) == ("on", "coredump-destroy")
    assert machine.launch_security == "sev"


def test_firmware_that_libvirt_still_has_to_choose_is_unknown() -> None:
    machine = off("<domain type='kvm'><os firmware='efi'><type>hvm</type></os></domain>")
    firmware = machine.firmware

    assert isinstance(firmware, Firmware)
    assert isinstance(firmware.secure_boot, Unknown)


@pytest.mark.parametrize(
    ("os", "kind"),
    [
        ("<type>hvm</type>", "bios"),
        ("<type>hvm</type><kernel>/k</kernel>", "direct-kernel"),
        ("<type>exe</type><init>/sbin/init</init>", "container"),
        ("<type>hvm</type><loader type='pflash'>/o</loader>", "efi"),
    ],
)
def test_kinds_of_firmware(os: str, kind: str) -> None:
    assert known(off(f"<domain><os>{os}</os></domain>").firmware).kind == kind


def test_the_claim_is_read_from_our_names_only() -> None:
    machine = hardened()

    assert (machine.claim.hold_case, machine.claim.hold_owner) == ("c-7", "anna")
    assert machine.claim.zone == ""
    assert set(machine.metadata_namespaces) == {"urn:example:owner", "urn:ringfence:quarantine:1"}


def test_a_running_machine_s_facts_come_from_the_live_side() -> None:
    live = devices("<interface type='bridge'><mac address='52:54:00:00:00:01'/></interface>")
    machine = running(live, devices(""))

    assert len(known(machine.nics)) == 1
    assert machine.stored_nics == ()


def test_a_running_card_of_a_bridged_network_is_still_on_its_network() -> None:
    card = "<interface type='bridge'><source network='lan' bridge='br0'/></interface>"
    (nic,) = known(off(devices(card)).nics)

    assert (nic.kind, nic.source, nic.bridge) == (NicKind.NETWORK, "lan", "br0")
