"""The machines of the SELinux host, one a kind of label."""

STATIC_LABEL = "system_u:system_r:svirt_t:s0:c5,c6"
IMAGE_BYTES = 16 * 1024 * 1024
IMAGES = "/var/lib/libvirt/images"

# libvirt's own choice; a dynamic label of another type, one that the host's policy only watches
# (svirt_prot_exec_t is what Red Hat's policy calls svirt_tcg_t); one pair for ever; no label.
_LABELS = {
    "s1": "",
    "s2": """<seclabel type="dynamic" model="selinux">
    <baselabel>system_u:system_r:svirt_prot_exec_t:s0</baselabel></seclabel>""",
    "s3": f"""<seclabel type="static" model="selinux" relabel="yes">
    <label>{STATIC_LABEL}</label></seclabel>""",
    "s4": """<seclabel type="none" model="selinux"/>""",
}
STARTED = ("s1", "s2", "s3")
NAMES = tuple(_LABELS)


def machine_xml(name: str) -> str:
    """A machine of 32 MiB without a system: its QEMU process is what is looked at."""
    return f"""<domain type="qemu">
  <name>{name}</name>
  <memory unit="MiB">32</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os>
  <features><acpi/></features>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="{IMAGES}/{name}.img"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <memballoon model="none"/>
  </devices>
  {_LABELS[name]}
</domain>
"""
