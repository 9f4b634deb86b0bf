"""CPU and memory settings: what is shared with neighbours and what is limited."""

from core.facts import Tuning
from core.hosts.worker.xml.document import (
    Element,
    at,
    attribute,
    bounded,
    content,
    nodes,
    number,
    size_bytes,
)

_SCHEDULERS = ("vcpusched", "iothreadsched", "emulatorsched")


def tuning_of(domain: Element) -> Tuning:
    vcpu = domain.find("vcpu")
    most = number(content(vcpu), 1)
    cpu, tune = domain.find("cpu"), domain.find("cputune")
    backing = domain.find("memoryBacking")
    memory = size_bytes(domain.find("memory"))
    current = domain.find("currentMemory")
    return Tuning(
        vcpus=number(attribute(vcpu, "current"), most),
        max_vcpus=most,
        memory_bytes=size_bytes(current) if current is not None else memory,
        max_memory_bytes=size_bytes(domain.find("maxMemory")) or memory,
        vcpu_pins={
            attribute(pin, "vcpu"): attribute(pin, "cpuset") for pin in nodes(tune, "vcpupin")
        },
        emulator_pin=at(tune, "emulatorpin", "cpuset"),
        cpu_quota=number(content(tune, "quota")) or number(content(tune, "global_quota")),
        cpu_period=number(content(tune, "period")) or number(content(tune, "global_period")),
        cpu_shares=number(content(tune, "shares")),
        cpu_mode=attribute(cpu, "mode") or ("custom" if content(cpu, "model") else ""),
        cpu_model=content(cpu, "model"),
        cpu_features={
            attribute(feature, "name"): attribute(feature, "policy") or "require"
            for feature in nodes(cpu, "feature")
        },
        real_time=_real_time(tune),
        hugepages=backing is not None and backing.find("hugepages") is not None,
        no_shared_pages=backing is not None and backing.find("nosharepages") is not None,
        locked=backing is not None and backing.find("locked") is not None,
        hard_limit_bytes=size_bytes(domain.find("memtune/hard_limit")),
        access=at(backing, "access", "mode"),
        dump_core=at(domain, "memory", "dumpCore"),
        numa_shared=any(
            attribute(cell, "memAccess") == "shared" for cell in nodes(cpu, "numa/cell")
        ),
        cache_tune=tune is not None
        and (tune.find("cachetune") is not None or tune.find("memorytune") is not None),
    )


def _real_time(tune: Element | None) -> tuple[str, ...]:
    """ "vcpusched fifo 1 vcpus=0-1": threads that can starve the host."""
    return tuple(
        bounded(f"{name} {attribute(e, 'scheduler')} {attribute(e, 'priority')}".strip(), 200)
        for name in _SCHEDULERS
        for e in nodes(tune, name)
        if attribute(e, "scheduler") in {"fifo", "rr"}
    )
