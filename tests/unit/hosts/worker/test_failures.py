"""libvirt's own words and numbers become codes, and every code has its two sentences."""

import libvirt
import pytest

from core.facts import Reason
from core.hosts.worker.failures import ends_connection, failure_of, unknown_of
from core.text import LANGUAGES, load_catalogue
from tests.unit.hosts.worker.codes import WORKER_CODES

SYSTEM, AUTH, INTERNAL = (
    libvirt.VIR_ERR_SYSTEM_ERROR,
    libvirt.VIR_ERR_AUTH_FAILED,
    libvirt.VIR_ERR_INTERNAL_ERROR,
)
CASES = [
    (AUTH, "authentication failed: Failed to verify peer's certificate", "tls-unverified"),
    (
        INTERNAL,
        "internal error: curl_easy_perform() returned an error: SSL peer certificate or SSH remote "
        "key was not OK (60) : server certificate verification failed. CAfile: none CRLfile: none",
        "tls-unverified",
    ),
    (
        INTERNAL,
        "internal error: Expecting '127.0.0.1' to be a vCenter/VPX host but found a ESX(i) host",
        "driver-other",
    ),
    (
        INTERNAL,
        "internal error: HTTP response code 500 for call to 'Login'. Fault: ServerFaultCode - "
        "Cannot complete login due to an incorrect user name or password.",
        "auth-wrong",
    ),
    (SYSTEM, "The client certificate /p/clientcert.pem has expired", "tls-own-expired"),
    (SYSTEM, "The server certificate [session] has expired", "tls-expired"),
    (
        SYSTEM,
        "Our own certificate /p/c.pem failed validation against /p/ca.pem: The certificate "
        "hasn't got a known issuer.",
        "tls-own-unknown-ca",
    ),
    (SYSTEM, "Cannot read CA certificate '/p/cacert.pem': No such file or directory", "tls-files"),
    (
        SYSTEM,
        "Unable to resolve address 'x' service '16514': Name or service not known",
        "name-unresolved",
    ),
    (SYSTEM, "unable to connect to server at 'h:16514': Connection refused", "port-closed"),
    (SYSTEM, "unable to connect to server at 'h:16514': No route to host", "unreachable"),
    (SYSTEM, "unable to connect to server at 'h:16514': Connection timed out", "timed-out"),
    (SYSTEM, "Failed to connect socket to '/run/s': No such file or directory", "daemon-missing"),
    (SYSTEM, "Failed to connect socket to '/run/s': Permission denied", "refused-group"),
    (
        AUTH,
        "authentication unavailable: no polkit agent available to authenticate action "
        "'org.libvirt.unix.manage'",
        "refused-polkit",
    ),
    (AUTH, "authentication failed: authentication failed", "auth-wrong"),
    (AUTH, "authentication failed: Password request failed", "auth-needed"),
    (
        INTERNAL,
        "client socket is closed: connection closed due to keepalive timeout",
        "keepalive-lost",
    ),
    (SYSTEM, "End of file while reading data: Input/output error", "host-closed"),
    (
        libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
        "unsupported configuration: libvirt was built without the 'hyperv' driver",
        "driver-missing",
    ),
    (
        libvirt.VIR_ERR_OPERATION_DENIED,
        "operation forbidden: read only access prevents x",
        "not-read-only",
    ),
    (
        libvirt.VIR_ERR_OPERATION_TIMEOUT,
        "Timed out during operation: cannot acquire state change lock (held by monitor=x)",
        "busy-lock",
    ),
    (libvirt.VIR_ERR_NO_DOMAIN, "Domain not found: timed out", "machine-gone"),
    (libvirt.VIR_ERR_NO_SUPPORT, "this function is not supported", "no-support"),
    (INTERNAL, "something nobody foresaw", "libvirt-other"),
]


def raised(number: int, words: str) -> libvirt.libvirtError:
    error = libvirt.libvirtError(words)
    error.err = (number, libvirt.VIR_FROM_RPC, words, 2, "", None, None, 0, 0)
    return error


@pytest.mark.parametrize(("number", "words", "code"), CASES)
def test_each_cause_has_its_code(number: int, words: str, code: str) -> None:
    failure = failure_of(raised(number, words))

    assert failure.code == code
    assert (failure.detail, failure.libvirt_code) == (words, number)


def test_only_a_lost_connection_ends_a_link() -> None:
    assert ends_connection(raised(SYSTEM, "End of file while reading data"))
    assert not ends_connection(raised(libvirt.VIR_ERR_NO_DOMAIN, "Domain not found"))


def test_a_refused_fact_is_not_permitted_and_a_missing_call_not_supported() -> None:
    refused = unknown_of(raised(libvirt.VIR_ERR_ACCESS_DENIED, "access denied"))
    missing = unknown_of(raised(libvirt.VIR_ERR_NO_SUPPORT, "no"))

    assert (refused.reason, missing.reason) == (Reason.NOT_PERMITTED, Reason.NOT_SUPPORTED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_cause_and_a_step(language: str) -> None:
    catalogue = load_catalogue(language)
    missing = [
        f"error.{code}.{part}"
        for code in sorted(WORKER_CODES)
        for part in ("cause", "step")
        if not catalogue.has(f"error.{code}.{part}")
    ]

    assert missing == []
