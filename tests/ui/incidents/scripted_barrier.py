"""The kernel of a scripted host: which barriers stand, and what is read of them."""

from core.hosts.helper.orders import (
    TAP,
    BarrierCard,
    BarrierSeen,
    EndDrain,
    LowerBarrier,
    MachineOrder,
    RaiseBarrier,
    StartDrain,
)


class ScriptedBarriers:
    """`leaky` machines have a card whose outbound chain never stands."""

    def __init__(self) -> None:
        self._stand: dict[str, RaiseBarrier] = {}
        self._draining: set[str] = set()
        self.leaky: set[str] = set()

    def standing(self, uuid: str) -> RaiseBarrier | None:
        return self._stand.get(uuid)

    def answer(self, order: MachineOrder, macs: tuple[str, ...]) -> BarrierSeen:
        """Carry an order out and say what stands. `macs`: the cards of the running machine."""
        match order:
            case RaiseBarrier():
                self._stand[order.uuid] = order
            case LowerBarrier():
                self._stand.pop(order.uuid, None)
            case StartDrain():
                self._draining.add(order.uuid)
            case EndDrain():
                self._draining.discard(order.uuid)
            case _:
                pass
        return self._seen(order.uuid, macs)

    def _seen(self, uuid: str, macs: tuple[str, ...]) -> BarrierSeen:
        raised = self._stand.get(uuid)
        blocks = raised is not None and not raised.observe
        return BarrierSeen(
            running=True,
            up=blocks,
            bridge=blocks,
            macs=raised.macs if raised is not None and blocks else (),
            cards=tuple(self._card(n, mac, uuid, blocks) for n, mac in enumerate(macs)),
            from_guest=7 if blocks else 0,
            to_guest=3 if blocks else 0,
            draining=uuid in self._draining,
            doors=raised.doors if raised is not None else (),
            observing=raised is not None and raised.observe,
            passed=0,
        )

    def _card(self, number: int, mac: str, uuid: str, blocks: bool) -> BarrierCard:
        whole = blocks and uuid not in self.leaky
        return BarrierCard(
            device=f"vnet{number}",
            number=number + 10,
            mac=mac,
            kind=TAP,
            bridge=blocks,
            ingress=blocks,
            egress=whole,
            master="virbr1",
            carrier=True,
        )
