"""The preparation desk of a station, built from what the station has."""

from typing import TYPE_CHECKING

from core.hosts.preparation.desk import PreparationDesk

if TYPE_CHECKING:
    from core.station import Station


def preparation_of(station: "Station") -> PreparationDesk:
    """Opens nothing: keys and runner are asked for when a plan needs them."""

    def asks_for_two(host: str) -> bool:
        return any(each.two_people for each in station.settings.hosts if each.name == host)

    return PreparationDesk(
        hands=station.hands,
        journal=station.journal,
        runner=lambda: station.runner,
        held=station.holds.held,
        operator=station.operator,
        key=lambda: station.operator_key,
        asks_for_two=asks_for_two,
    )
