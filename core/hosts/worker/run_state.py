"""Whether a machine runs: read it, stop its processors, let them go on; always with a read-back."""

import libvirt

from core.facts import MachineState
from core.facts.machine import ACTIVE_STATES
from core.hosts.protocol import Applied, ReadState, Resume, Suspend
from core.hosts.worker.link import Link
from core.hosts.worker.listing import STATES

RunOrder = ReadState | Suspend | Resume


def carry_out_run(link: Link, order: RunOrder) -> Applied:
    """The call goes first: a freeze does not wait for a look. One that libvirt refuses because
    the machine is off, or is so already, is answered by what is read."""
    try:
        if isinstance(order, Suspend):
            link.domain(order.uuid).suspend()
        elif isinstance(order, Resume):
            link.domain(order.uuid).resume()
    except libvirt.libvirtError as error:
        seen = state_of(link, order.uuid)
        if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID or not _is_so(order, seen):
            raise
        return seen
    return state_of(link, order.uuid)


def state_of(link: Link, uuid: str) -> Applied:
    state = STATES.get(int(link.domain(uuid).state()[0]), MachineState.UNKNOWN)
    has_process = state in ACTIVE_STATES or bool(link.domain(uuid).isActive())
    return Applied(state.value, live=has_process)


def _is_so(order: RunOrder, seen: Applied) -> bool:
    if seen.live is False:
        return True
    wanted = MachineState.PAUSED if isinstance(order, Suspend) else MachineState.RUNNING
    return seen.value == wanted
