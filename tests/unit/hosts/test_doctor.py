"""The doctor names the stage that fails, on real sockets with real certificates."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from core.hosts.certificates import check_certificate, names_of
from core.hosts.doctor import DoctorStep, diagnose
from core.settings.model import HostEntry
from core.settings.places import Places
from core.text import RingfenceError
from tests.unit.hosts.station_ends import Answers


class TlsServer:
    """Shakes hands and closes, with whatever certificate it is given."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # untyped
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            with wire:
                try:
                    self._context.wrap_socket(wire, server_side=True).close()
                except OSError:
                    continue

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class Ground:
    """An authority, our PKI directory signed by it, and servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.pki = folder / "pki"
        self.pki.mkdir()
        own = self.authority.issue_cert("ann@example.org", common_name="ann")
        own.cert_chain_pems[0].write_to_path(str(self.pki / "clientcert.pem"))
        own.private_key_pem.write_to_path(str(self.pki / "clientkey.pem"))
        self.authority.cert_pem.write_to_path(str(self.pki / "cacert.pem"))
        self.servers: list[TlsServer] = []

    def server(self, certificate: trustme.LeafCert) -> HostEntry:
        server = TlsServer(certificate)
        self.servers.append(server)
        uri = f"qemu://127.0.0.1:{server.port}/system"
        return HostEntry("hv1", uri, pki_dir=str(self.pki))

    def examined(self, entry: HostEntry) -> tuple[DoctorStep, ...]:
        places = Places.under(self.folder / "home")
        return asyncio.run(diagnose(entry, places=places, prompts=Answers()))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(tmp_path)
    yield ground
    for server in ground.servers:
        server.stop()


def last_code(steps: tuple[DoctorStep, ...]) -> str:
    assert not steps[-1].ok
    assert all(step.ok for step in steps[:-1])
    return steps[-1].cause.code


def test_a_bad_address_is_the_first_stage(ground: Ground) -> None:
    steps = ground.examined(HostEntry("hv1", "qemu+ext:///system?command=x"))
    assert last_code(steps) == "error.uri-transport-refused.cause"


def test_a_name_that_does_not_resolve(ground: Ground) -> None:
    steps = ground.examined(HostEntry("hv1", "qemu://no-such-host.invalid/system"))
    assert last_code(steps) == "error.doctor-name.cause"


def test_a_closed_port(ground: Ground) -> None:
    steps = ground.examined(HostEntry("hv1", "qemu://127.0.0.1:1/system"))
    assert last_code(steps) == "error.doctor-port-closed.cause"


def test_a_missing_certificate_file(ground: Ground) -> None:
    (ground.pki / "clientkey.pem").unlink()
    steps = ground.examined(ground.server(ground.authority.issue_cert("127.0.0.1")))
    assert last_code(steps) == "error.tls-file-missing.cause"
    assert str(steps[-1].cause.params["file"]).endswith("clientkey.pem")


def test_an_expired_certificate_is_shown_with_its_dates(ground: Ground) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    certificate = ground.authority.issue_cert("127.0.0.1", not_after=past)
    steps = ground.examined(ground.server(certificate))
    assert last_code(steps) == "error.tls-cert-expired.cause"
    assert f"{past:%Y-%m-%d}" in str(steps[-1].cause.params["until"])


def test_a_certificate_of_tomorrow_points_at_the_clocks(ground: Ground) -> None:
    future = datetime.now(UTC) + timedelta(days=3)
    certificate = ground.authority.issue_cert("127.0.0.1", not_before=future)
    steps = ground.examined(ground.server(certificate))
    assert last_code(steps) == "error.tls-cert-future.cause"


def test_a_certificate_for_another_name(ground: Ground) -> None:
    steps = ground.examined(ground.server(ground.authority.issue_cert("other.example")))
    assert last_code(steps) == "error.tls-cert-name.cause"
    assert steps[-1].cause.params["names"] == "other.example"


def test_a_certificate_of_an_unknown_authority_is_shown(ground: Ground) -> None:
    stranger = trustme.CA(organization_name="Mallory")
    steps = ground.examined(ground.server(stranger.issue_cert("127.0.0.1")))
    assert last_code(steps) == "error.tls-cert-authority.cause"
    assert "Mallory" in str(steps[-1].cause.params["issuer"])


def test_our_own_certificate_can_be_out_of_date(ground: Ground) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    own = ground.authority.issue_cert("ann@example.org", not_after=past)
    own.cert_chain_pems[0].write_to_path(str(ground.pki / "clientcert.pem"))
    steps = ground.examined(ground.server(ground.authority.issue_cert("127.0.0.1")))
    assert last_code(steps) == "error.tls-own-dates.cause"


def test_a_port_without_tls(ground: Ground) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]
        thread = threading.Thread(target=_hang_up, args=(plain,))
        thread.start()
        entry = HostEntry("hv1", f"qemu://127.0.0.1:{port}/system", pki_dir=str(ground.pki))
        steps = ground.examined(entry)
        thread.join()
    assert last_code(steps) == "error.tls-no-handshake.cause"


def _hang_up(listener: socket.socket) -> None:
    for _ in range(2):  # the port's test, then the handshake
        wire, _ = listener.accept()
        wire.close()


def test_a_host_that_works_is_said_to_work(ground: Ground) -> None:
    heard: list[DoctorStep] = []
    places = Places.under(ground.folder / "home")
    entry = HostEntry("here", "test:///default")
    steps = asyncio.run(diagnose(entry, places=places, prompts=Answers(), tell=heard.append))
    assert all(step.ok for step in steps)
    assert heard == list(steps)
    assert {"doctor.uri", "doctor.version"} <= {step.cause.code for step in steps}


def test_wildcards_and_addresses_in_certificates() -> None:
    authority = trustme.CA()
    shown = _x509(authority.issue_cert("*.example.org", "10.0.0.7"))
    trusted = [_x509(authority)]
    now = datetime.now(UTC)
    for host in ("hv1.example.org", "HV1.Example.org", "10.0.0.7"):
        check_certificate(shown, trusted, host, now)
    for host in ("example.org", "a.b.example.org", "10.0.0.8"):
        with pytest.raises(RingfenceError):
            check_certificate(shown, trusted, host, now)
    assert names_of(shown) == ["*.example.org", "10.0.0.7"]


def _x509(source: trustme.LeafCert | trustme.CA) -> x509.Certificate:
    pem = source.cert_pem if isinstance(source, trustme.CA) else source.cert_chain_pems[0]
    return x509.load_pem_x509_certificate(pem.bytes())


def test_nobody_is_proven_where_only_this_machines_authorities_decide(ground: Ground) -> None:
    """ESX and vCenter: an authority of our own is unknown to this computer."""
    entry = ground.server(ground.authority.issue_cert("127.0.0.1"))
    port = entry.uri.rpartition(":")[2].partition("/")[0]
    steps = ground.examined(HostEntry("esx1", f"esx://ann@127.0.0.1:{port}/"))
    assert last_code(steps) == "error.tls-system-authority.cause"


def test_a_host_that_need_not_prove_itself_is_noted(ground: Ground) -> None:
    entry = ground.server(ground.authority.issue_cert("127.0.0.1"))
    port = entry.uri.rpartition(":")[2].partition("/")[0]
    noted: list[str] = []
    steps = asyncio.run(
        diagnose(
            HostEntry("esx1", f"esx://ann@127.0.0.1:{port}/?no_verify=1"),
            places=Places.under(ground.folder / "home"),
            prompts=Answers(),
            on_unverified=noted.append,
        )
    )
    assert last_code(steps) == "error.credentials-missing.cause"
    assert noted == ["esx1"]
