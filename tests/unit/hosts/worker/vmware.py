"""What libvirt's ESX driver makes of a machine's configuration file.

The file also named a cut card (`startConnected`), a passed-through PCI device, a TPM, Secure Boot
and encryption: the driver says nothing of them.
"""

VMWARE_XML = """<domain type='vmware' id='9'>
  <name>{name}</name>
  <uuid>564d9bef-acd9-b4e0-c8f0-aea8b9103515</uuid>
  <memory unit='KiB'>1048576</memory>
  <vcpu placement='static' cpuset='0-1'>2</vcpu>
  <os firmware='efi'><type arch='x86_64'>hvm</type></os>
  <clock offset='utc'/>
  <devices>
    <disk type='file' device='disk'>
      <source file='[store] web/disk1.vmdk'/>
      <target dev='sda' bus='scsi'/>
    </disk>
    <controller type='scsi' index='0' model='lsilogic'/>
    <interface type='bridge'>
      <mac address='00:0c:29:91:03:51' type='generated'/>
      <source bridge='VM Network'/>
      <model type='vmxnet3'/>
    </interface>
    {console}
    <video><model type='vmvga' vram='4096' primary='yes'/></video>
  </devices>
</domain>"""
VNC = "<graphics type='vnc' port='5901' autoport='no'><listen type='address'/></graphics>"


def vmware_xml(name: str = "web", console: str = "") -> str:
    return VMWARE_XML.format(name=name, console=console)
