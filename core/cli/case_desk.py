"""Where commands write into cases; the audit log is opened by the first writing."""

from core.incidents.cases.desk import CaseDesk
from core.station import Station


def case_desk(station: Station) -> CaseDesk:
    return CaseDesk(station.cases, lambda entry: station.audit.append(entry), station.operator)
