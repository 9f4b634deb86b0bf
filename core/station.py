"""Everything one admin's station has, built in one place and passed down.

async with Station(home, catalogue) as station:     # reads fleet.toml, opens journal and audit
    station.start()                                  # one session a host; nothing waits
    station.fleet.subscribe(on_change)               # FleetView, FleetChanges
"""
