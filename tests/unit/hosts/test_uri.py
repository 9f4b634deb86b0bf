"""Only what is on the list passes, and what is handed on is written anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import Transport
from core.hosts.uri import DRIVERS, HostUri, parse_uri, valid_host
from core.text import RingfenceError


@pytest.mark.parametrize(
    ("text", "transport", "host"),
    [
        ("qemu:///system", Transport.LOCAL, ""),
        ("qemu+unix:///session", Transport.LOCAL, ""),
        ("qemu://hv1/system", Transport.TLS, "hv1"),
        ("qemu+tls://hv1.example:16515/system?pkipath=/etc/pki/x", Transport.TLS, "hv1.example"),
        ("qemu+ssh://root@[fe80::1%25eth0]:2222/system", Transport.SSH, "fe80::1%eth0"),
        ("xen+ssh://admin@10.0.0.1/system", Transport.SSH, "10.0.0.1"),
        ("lxc:///system", Transport.LOCAL, ""),
        ("ch+ssh://h/session", Transport.SSH, "h"),
        ("esx://root@esx1/?no_verify=1", Transport.HTTPS, "esx1"),
        ("vpx://DOM%5Cann@vc/dc1/cluster/esx1", Transport.HTTPS, "vc"),
        ("hyperv://hv2/?transport=https", Transport.HTTPS, "hv2"),
        ("test:///default", Transport.IN_PROCESS, ""),
        ("test:///srv/demo/alder.xml", Transport.IN_PROCESS, ""),
    ],
)
def test_what_is_allowed(text: str, transport: Transport, host: str) -> None:
    uri = parse_uri(text)
    assert (uri.transport, uri.host) == (transport, host)
    assert parse_uri(uri.text) == uri


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "uri-length"),
        ("qemu:///system?" + "x" * 3000, "uri-length"),
        ("hello", "uri-shape"),
        ("qemu:///system\n", "uri-shape"),
        ("qemu:///system#x", "uri-shape"),
        ("qemu://höst/system", "uri-shape"),
        ("qemu://h/%zz", "uri-shape"),
        ("qemu://h/%ff%fe", "uri-shape"),
        ("vbox:///session", "uri-driver"),
        ("qemu+tcp://h/system", "uri-transport-refused"),
        ("qemu+ext:///system?command=x", "uri-transport-refused"),
        ("qemu+libssh2://h/system", "uri-transport-refused"),
        ("qemu+smoke://h/system", "uri-transport"),
        ("esx+ssh://h/", "uri-transport"),
        ("test+ssh://h/default", "uri-transport"),
        ("qemu://-oProxyCommand=x/system", "uri-host"),
        ("qemu+ssh://[::1/system", "uri-host"),
        ("qemu+ssh://[::g]/system", "uri-host"),
        ("qemu://a..b/system", "uri-host"),
        ("qemu+ssh:///system", "uri-host-missing"),
        ("esx:///", "uri-host-missing"),
        ("qemu+ssh://-lroot@h/system", "uri-user"),
        ("qemu+ssh://%2Dl@h/system", "uri-user"),
        ("qemu+ssh://ann:secret@h/system", "uri-password"),
        ("qemu://h:0/system", "uri-port"),
        ("qemu://h:65536/system", "uri-port"),
        ("qemu://h:22x/system", "uri-port"),
        ("qemu+unix://h/system", "uri-authority-local"),
        ("test://h/default", "uri-authority-local"),
        ("qemu://h/", "uri-path"),
        ("qemu://h/embed", "uri-path"),
        ("test:///../../etc/x.xml", "uri-path"),
        ("test:///etc/passwd", "uri-path"),
        ("esx://h/system", "uri-path"),
        ("vpx://h/dc/../x", "uri-path"),
        ("qemu+ssh://h/system?command=/bin/sh", "uri-parameter-refused"),
        ("qemu+ssh://h/system?comm%61nd=/bin/sh", "uri-parameter-refused"),
        ("qemu+ssh://h/system?NetCat=/bin/sh", "uri-parameter-refused"),
        ("qemu+ssh://h/system?proxy=native", "uri-parameter-refused"),
        ("qemu+unix:///system?socket=/tmp/x", "uri-parameter-refused"),
        ("qemu://h/system?name=test:///default", "uri-parameter-refused"),
        ("esx://h/?proxy=socks://x", "uri-parameter-refused"),
        ("qemu+ssh://h/system?no_verify=1", "uri-parameter-unknown"),
        ("qemu:///system?pkipath=/x", "uri-parameter-unknown"),
        ("qemu://h/system?no_verify=maybe", "uri-parameter-value"),
        ("qemu://h/system?pkipath=relative", "uri-parameter-value"),
        ("qemu://h/system?mode=auto;command=x", "uri-parameter-value"),
        ("esx://h/?transport=http", "uri-parameter-value"),
        ("qemu://h/system?mode=auto&mode=direct", "uri-parameter-twice"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    with pytest.raises(RingfenceError) as caught:
        parse_uri(text)
    assert caught.value.code == code


def test_the_worker_gets_our_socket_and_our_certificates() -> None:
    ssh = parse_uri("qemu+ssh://root@h:2222/system?keyfile=/home/ann/key")
    assert ssh.for_worker(socket_path="/run/x y/s") == "qemu+unix:///system?socket=/run/x%20y/s"
    tls = parse_uri("qemu://h/system?pkipath=/else&mode=direct")
    assert tls.for_worker(pki_dir="/pki/h") == "qemu+tls://h/system?pkipath=/pki/h&mode=direct"


def test_an_unverified_peer_is_known() -> None:
    assert not parse_uri("qemu://h/system?no_verify=1").verified
    assert parse_uri("qemu://h/system?no_verify=0").verified


def _parsed(text: str) -> HostUri | None:
    try:
        return parse_uri(text)
    except RingfenceError:
        return None


URI_LIKE = st.from_regex(
    r"(qemu|test|esx|xen)(\+(ssh|tls|tcp|ext))?://[-a-z0-9@:\[\]%.]{0,20}/[a-z/.%0-9]{0,12}"
    r"(\?[a-z_%=&;/0-9-]{0,40})?",
    fullmatch=True,
)


@given(st.one_of(st.text(max_size=80), URI_LIKE))
def test_nothing_unlisted_comes_out_whatever_goes_in(text: str) -> None:
    uri = _parsed(text)
    if uri is None:
        return
    assert uri.driver in DRIVERS
    assert not uri.host.startswith("-")
    assert not uri.user.startswith("-")
    assert not {"command", "netcat", "proxy", "socket", "ext"} & uri.params.keys()
    assert uri.text.isprintable()
    assert parse_uri(uri.text) == uri


@given(st.text(max_size=40))
def test_a_valid_host_is_never_an_option_or_a_path(text: str) -> None:
    if valid_host(text):
        assert not text.startswith("-")
        assert "/" not in text
        assert not any(character.isspace() for character in text)
