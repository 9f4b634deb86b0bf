"""A fact that could not be read says why; it is never a default and never a pass."""

from enum import StrEnum

from msgspec import Struct


class Reason(StrEnum):
    """Why a fact is unknown. Each member has a sentence in the catalogue: `unknown.<value>`."""

    NOT_READ = "not-read"  # we have not got to it yet
    NO_SSH = "no-ssh"  # only the host's shell tells it, and this host has none for us
    NOT_PERMITTED = "not-permitted"  # the host refused (read-only, polkit, file mode)
    NOT_SUPPORTED = "not-supported"  # this driver or version does not offer it
    NOT_RUNNING = "not-running"  # only a running machine has it
    UNREADABLE = "unreadable"  # the answer made no sense or was too large
    AMBIGUOUS = "ambiguous"  # the answer does not say which thing it is about
    FAILED = "failed"  # the call failed; `detail` says how
    NOT_KNOWN_TO_LIBVIRT = "not-known-to-libvirt"  # libvirt has no field for it


class Unknown(Struct, frozen=True, gc=False, tag="unknown"):
    """A value nobody could read. `detail` is the host's own words, hostile, for the inspector."""

    reason: Reason
    detail: str = ""
