"""Switch a machine off and on, each with what is read back afterwards."""

import libvirt

from core.facts import MachineState
from core.hosts.protocol import Applied, Destroy, Failure, Start
from core.hosts.worker.link import Link
from core.hosts.worker.run_state import state_of

PowerOrder = Destroy | Start


def carry_out_power(link: Link, order: PowerOrder) -> Applied | Failure:
    return destroy(link, order) if isinstance(order, Destroy) else start(link, order)


def destroy(link: Link, order: Destroy) -> Applied:
    try:
        link.domain(order.uuid).destroy()
    except libvirt.libvirtError as error:
        seen = state_of(link, order.uuid)
        if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID or seen.live is not False:
            raise
        return seen
    return state_of(link, order.uuid)


def start(link: Link, order: Start) -> Applied | Failure:
    """Anew, never from a managed save: that would bring back the memory that was given up."""
    seen = state_of(link, order.uuid)
    if seen.live:
        return seen
    if link.domain(order.uuid).hasManagedSaveImage(0):
        return Failure("managed-save-there")
    link.domain(order.uuid).create()
    seen = state_of(link, order.uuid)
    return seen if seen.value != MachineState.OFF else Failure("start-read-back")
