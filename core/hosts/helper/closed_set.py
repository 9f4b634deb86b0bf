"""Everything ringfence-host may be asked, and what each answer is."""

from core.hosts.helper.orders import (
    BarrierSeen,
    EndDrain,
    HelperOrder,
    LowerBarrier,
    RaiseBarrier,
    ReadBarrier,
    StartDrain,
)

AnyHelperOrder = ReadBarrier | RaiseBarrier | LowerBarrier | StartDrain | EndDrain
AnyHelperResult = BarrierSeen

# What an order is answered with.
ANSWERS: dict[type[HelperOrder], type[AnyHelperResult]] = {
    ReadBarrier: BarrierSeen,
    RaiseBarrier: BarrierSeen,
    LowerBarrier: BarrierSeen,
    StartDrain: BarrierSeen,
    EndDrain: BarrierSeen,
}
READINGS: tuple[type[HelperOrder], ...] = (ReadBarrier,)
