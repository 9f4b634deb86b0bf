"""The one module that we add to a host's SELinux policy, as text.

libvirt's daemons start our hooks in a domain of the hooks' own, entered at nothing but our files:
the daemons themselves may do nothing that they might not do before. What a policy does not know is
left out of it by the policy's own compiler (`optional`); what is missed then, the kernel tells.
"""

from __future__ import annotations

MODULE_NAME = "ringfence"
HOOK_TYPE, HOOK_FILE_TYPE = "ringfence_hook_t", "ringfence_hook_exec_t"
HOLDS_TYPE, RUN_TYPE = "ringfence_holds_t", "ringfence_run_t"
DAEMON_TYPES = ("virtd_t", "virtqemud_t", "virtnetworkd_t")

MODULE_TYPES = """\
; Ringfence: a domain for the hooks that libvirt starts, and labels for what they read and write.
(type ringfence_hook_t)
(type ringfence_hook_exec_t)
(type ringfence_holds_t)
(type ringfence_run_t)
(roletype system_r ringfence_hook_t)
(roletype object_r ringfence_hook_exec_t)
(roletype object_r ringfence_holds_t)
(roletype object_r ringfence_run_t)
(typeattributeset domain (ringfence_hook_t))
(typeattributeset file_type (ringfence_hook_exec_t ringfence_holds_t ringfence_run_t))
(typeattributeset exec_type (ringfence_hook_exec_t))
(typeattributeset pidfile (ringfence_run_t))
(optional ringfence_entry (typeattributeset entry_type (ringfence_hook_exec_t)))
(optional ringfence_no_secret
    (typeattributeset non_security_file_type
        (ringfence_hook_exec_t ringfence_holds_t ringfence_run_t)))
(optional ringfence_no_login
    (typeattributeset non_auth_file_type
        (ringfence_hook_exec_t ringfence_holds_t ringfence_run_t)))
"""

MODULE_RULES = """\
; A shell, python and nft, in this domain.
(allow ringfence_hook_t ringfence_hook_exec_t (file (entrypoint)))
(allow ringfence_hook_t exec_type
    (file (getattr open read execute map ioctl lock execute_no_trans)))
(allow ringfence_hook_t bin_t (dir (getattr open read search)))
(allow ringfence_hook_t bin_t (lnk_file (getattr read)))
(allow ringfence_hook_t lib_t (dir (getattr open read search)))
(allow ringfence_hook_t lib_t (file (getattr open read execute map ioctl)))
(allow ringfence_hook_t lib_t (lnk_file (getattr read)))
(optional ringfence_usr
    (allow ringfence_hook_t usr_t (dir (getattr open read search)))
    (allow ringfence_hook_t usr_t (file (getattr open read map ioctl)))
    (allow ringfence_hook_t usr_t (lnk_file (getattr read))))
(optional ringfence_locale (allow ringfence_hook_t locale_t (file (getattr open read map))))
(allow ringfence_hook_t file_type (dir (getattr search)))
(allow ringfence_hook_t etc_t (dir (open read)))
(allow ringfence_hook_t etc_t (file (getattr open read map ioctl)))
(allow ringfence_hook_t etc_t (lnk_file (getattr read)))
(allow ringfence_hook_t null_device_t (chr_file (getattr open read write append ioctl)))
(allow ringfence_hook_t urandom_device_t (chr_file (getattr open read ioctl)))
(allow ringfence_hook_t device_node (chr_file (getattr)))
(allow ringfence_hook_t self
    (process (fork sigchld sigkill signal signull getsched setsched getpgid setpgid getsession)))
(allow ringfence_hook_t self (fifo_file (getattr read write append ioctl)))
(allow ringfence_hook_t self (unix_dgram_socket (create getattr ioctl connect read write)))
; Which cards a machine has: its process, libvirt's notes of it, the kernel's devices.
(allow ringfence_hook_t self (capability (dac_override dac_read_search sys_ptrace)))
(allow ringfence_hook_t domain (dir (getattr open read search)))
(allow ringfence_hook_t domain (file (getattr open read ioctl)))
(allow ringfence_hook_t domain (lnk_file (getattr read)))
(allow ringfence_hook_t pidfile (dir (open read)))
(allow ringfence_hook_t pidfile (file (getattr open read ioctl)))
(allow ringfence_hook_t proc_t (dir (getattr open read search)))
(allow ringfence_hook_t proc_t (file (getattr open read ioctl)))
(allow ringfence_hook_t proc_t (lnk_file (getattr read)))
(allow ringfence_hook_t sysfs_t (dir (getattr open read search)))
(allow ringfence_hook_t sysfs_t (file (getattr open read ioctl)))
(allow ringfence_hook_t sysfs_t (lnk_file (getattr read)))
; Its barrier, and the packets of a machine that is only observed.
(allow ringfence_hook_t self (capability (net_admin net_raw)))
(allow ringfence_hook_t self
    (netlink_netfilter_socket
        (create bind connect getattr setattr getopt setopt read write append ioctl shutdown)))
(allow ringfence_hook_t self
    (netlink_route_socket
        (create bind connect getattr setattr getopt setopt read write append ioctl nlmsg_read)))
(optional ringfence_newer_route (allow ringfence_hook_t self (netlink_route_socket (nlmsg))))
(allow ringfence_hook_t self
    (packet_socket (create bind getattr getopt setopt read write ioctl)))
(optional ringfence_kernel_modules
    (allow ringfence_hook_t kernel_t (system (module_request))))
; Its holds, and what is only true until the host is switched off.
(allow ringfence_hook_t ringfence_holds_t
    (dir (getattr open read search write add_name remove_name)))
(allow ringfence_hook_t ringfence_holds_t
    (file (create getattr setattr open read write append rename unlink lock ioctl)))
(allow ringfence_hook_t ringfence_run_t
    (dir (create getattr setattr open read search write add_name remove_name rmdir)))
(allow ringfence_hook_t ringfence_run_t
    (file (create getattr setattr open read write append rename unlink lock ioctl)))
(optional ringfence_quiet (dontaudit ringfence_hook_t security_t (filesystem (getattr))))
"""

MODULE_ENTRY = """\
(optional ringfence_of_{daemon}
    (typetransition {daemon} ringfence_hook_exec_t process ringfence_hook_t)
    (allow {daemon} ringfence_hook_exec_t (file (getattr open read execute map ioctl)))
    (allow {daemon} ringfence_hook_t (process (transition sigkill signal signull)))
    (dontaudit {daemon} ringfence_hook_t (process (noatsecure rlimitinh siginh)))
    (allow ringfence_hook_t {daemon} (fd (use)))
    (allow ringfence_hook_t {daemon} (fifo_file (getattr read write append ioctl lock)))
    (allow ringfence_hook_t {daemon} (process (sigchld))))
"""

# The same place has two names; which of them a policy goes by depends on its age.
MODULE_PLACES = (
    (r"/etc/libvirt/hooks/(qemu|network)\.d/50-ringfence", "file", HOOK_FILE_TYPE),
    ("/var/lib/ringfence/holds(/.*)?", "any", HOLDS_TYPE),
    ("/run/ringfence(/.*)?", "any", RUN_TYPE),
    ("/var/run/ringfence(/.*)?", "any", RUN_TYPE),
)


def context_of(kind: str) -> str:
    return f"system_u:object_r:{kind}:s0"


def module_text() -> bytes:
    """What libsemanage is given, and what must be found with it."""
    daemons = "".join(MODULE_ENTRY.format(daemon=each) for each in DAEMON_TYPES)
    places = "".join(
        f'(filecon "{path}" {kind} (system_u object_r {label} ((s0) (s0))))\n'
        for path, kind, label in MODULE_PLACES
    )
    return (MODULE_TYPES + MODULE_RULES + "; Who may enter it.\n" + daemons + places).encode()
