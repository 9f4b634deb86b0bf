"""As whom we are on a host, in a few words: for its heading, its header and its hover."""

from core.facts import Unknown
from core.fleet.model import HostView
from core.text import Catalogue
from gui.plain import one_line

LONGEST_USER = 48


def as_whom(host: HostView, t: Catalogue) -> str:
    """Empty until the host was read; a host that does not tell says so."""
    if host.facts is None:
        return ""
    identity = host.facts.identity
    if isinstance(identity, Unknown):
        return t("window.host.as-unknown")
    user = one_line(_short(identity.user))[:LONGEST_USER]
    return t("window.host.as", user=user, how=one_line(_without_fingerprint(identity.how)))


def access(host: HostView, t: Catalogue) -> str:
    """As whom, and whether we only look."""
    parts = [as_whom(host, t)]
    parts += [t("panels.read-only")] if host.entry.read_only else []
    return " · ".join(part for part in parts if part)


def _short(user: str) -> str:
    """Of a certificate's subject only its common name; the inspector has the whole."""
    names = [part for part in user.split(",") if part.strip().startswith("CN=")]
    return names[0].strip() if names else user


def _without_fingerprint(how: str) -> str:
    return how.partition(" SHA256:")[0]
