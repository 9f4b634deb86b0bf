"""How a released machine goes on: as it is, after a power cycle, or with a new boot disk.

A power cycle gives its memory up, and a rebuild leaves the old disk where it is: both are said
before.
"""

from collections.abc import Iterator

from msgspec import Struct

from core.changes.boot_disk import BootDisk, boot_disk
from core.changes.hands import Hands
from core.fleet.model import MachineView
from core.hosts.protocol import ReadVolume, VolumeSeen, XmlTexts
from core.incidents.model import How
from core.text import RingfenceError, Text


class Template(Struct, frozen=True):
    """A storage volume to copy, as its host has it."""

    pool: str
    volume: str
    path: str


class GoingOn(Struct, frozen=True):
    """What was chosen. `disk` is what a rebuild replaces."""

    how: How = How.RESUME
    template: Template | None = None
    disk: BootDisk | None = None

    @property
    def anew(self) -> bool:
        """Whether it starts anew, with nothing of its running side kept."""
        return self.how is not How.RESUME


async def template_of(hands: Hands, host: str, how: How, named: str) -> Template | None:
    """Look the template up on its host; none unless a machine is rebuilt.

    Raises:
        RingfenceError: template-needed, template-unused or volume-missing.
    """
    if how is not How.REBUILD:
        if named:
            raise RingfenceError("template-unused", how=how.value)
        return None
    pool, separator, volume = named.strip().partition("/")
    if not (pool and separator and volume):
        raise RingfenceError("template-needed")
    seen = await hands.order(host, ReadVolume(0, pool, volume))
    if not isinstance(seen, VolumeSeen) or not seen.path:
        raise RingfenceError("volume-missing", pool=pool, volume=volume)
    return Template(pool, volume, seen.path)


def going_on(
    view: MachineView, xml: XmlTexts, stored: str, how: How, template: Template | None
) -> GoingOn:
    """Check that it can be. `stored` is the configuration that will be given back.

    Raises:
        RingfenceError: the machine is not defined on its host, or has no disk to replace.
    """
    if how is How.RESUME:
        return GoingOn()
    if not xml.stored or not stored:
        raise RingfenceError("release-transient", target=view.target)
    if view.row.managed_save is True:
        raise RingfenceError("managed-save-there")
    if how is How.RESTART or template is None:
        return GoingOn(How.RESTART)
    return GoingOn(how, template, _replaced(view, stored, template))


def _replaced(view: MachineView, stored: str, template: Template) -> BootDisk:
    disk = boot_disk(stored)
    if disk is None or not disk.source or not disk.target:
        raise RingfenceError("rebuild-no-disk", target=view.target)
    if disk.encrypted:
        raise RingfenceError("rebuild-encrypted", target=view.target, disk=disk.target)
    if disk.source in {template.path, f"{template.pool}/{template.volume}"}:
        raise RingfenceError("template-is-disk", disk=disk.target)
    return disk


def said_before(going: GoingOn, xml: XmlTexts) -> Iterator[Text]:
    """What is given up, and what is kept."""
    if going.anew and xml.live:
        yield Text("incidents.warning.memory-given-up")
    if going.disk is not None:
        yield Text(
            "incidents.warning.old-disk-kept",
            {"disk": going.disk.target, "source": going.disk.source},
        )
