"""One certificate authority for a lab, and every way a certificate can be wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import trustme

ServerCertificate = Literal["good", "expired", "other-name", "unknown-ca"]


class CertificateAuthority:
    """Issues the certificates of one lab; `stranger` is an authority nobody trusts."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Ringfence lab")
        self._stranger = trustme.CA(organization_name="Stranger")

    def write_server(
        self, directory: Path, names: tuple[str, ...], kind: ServerCertificate = "good"
    ) -> None:
        """Write what libvirtd looks for below /etc/pki: CA, certificate, key."""
        authority = self._stranger if kind == "unknown-ca" else self._authority
        leaf = authority.issue_cert(
            *(("elsewhere.invalid",) if kind == "other-name" else names),
            common_name=names[0],
            not_after=datetime.now(UTC) - timedelta(days=1) if kind == "expired" else None,
        )
        _write(directory / "CA/cacert.pem", self._authority.cert_pem.bytes(), secret=False)
        _write(directory / "libvirt/servercert.pem", _chain(leaf), secret=False)
        key = directory / "libvirt/private/serverkey.pem"
        _write(key, leaf.private_key_pem.bytes(), secret=True)

    def write_client(self, directory: Path, name: str) -> None:
        """Write what a client's `pkipath` must hold: cacert, clientcert, clientkey."""
        leaf = self._authority.issue_cert(f"{name}.invalid", common_name=name)
        _write(directory / "cacert.pem", self._authority.cert_pem.bytes(), secret=False)
        _write(directory / "clientcert.pem", _chain(leaf), secret=False)
        _write(directory / "clientkey.pem", leaf.private_key_pem.bytes(), secret=True)


def _chain(leaf: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in leaf.cert_chain_pems)


def _write(path: Path, content: bytes, *, secret: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600 if secret else 0o644)
