r"""The one reading we run on a host: a constant, fed to /bin/sh on its standard input.

Nothing is ever put into it: no name, no path, no value from anywhere. It only reads, needs no
privilege (what it may not read it says), and caps everything. Each section is one line, its
content in base64, so that no file or process name on the host can pose as another section:
`name base64(content \n exit-status)`, `name -` for a file that is not there, `name ?` for one in
a directory we may not enter.
"""

CLOCK_SCRIPT = b"date +%s.%N\n"

HOST_SCRIPT = rb"""
LC_ALL=C; PATH=/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH
s() {
  n=$1; shift
  printf '%s %s\n' "$n" "$({ "$@" 2>/dev/null </dev/null; printf '\n%s' $?; } \
    | head -c 65536 | base64 | tr -d '\n')"
}
f() {
  for p in "$@"; do
    if [ -e "$p" ]; then s "$p" cat "$p"
    elif [ -d "${p%/*}" ] && ! [ -x "${p%/*}" ]; then printf '%s ?\n' "$p"
    else printf '%s -\n' "$p"; fi
  done
}
vulnerabilities() { cd /sys/devices/system/cpu/vulnerabilities && grep -H . *; }
machines() {
  ps -eww -o user:32= -o args= \
    | sed -n 's/^\([^ ]*\) .*qemu.* -uuid \([0-9a-f-]\{36\}\).*/\2 \1/p'
}
permissive() {
  [ -d /var/lib/selinux ] || return 0
  ls /var/lib/selinux >/dev/null || return 1
  for d in /var/lib/selinux/*/active; do ls "$d" >/dev/null || return 1; done
  ls -d /var/lib/selinux/*/active/modules/*/permissive_* || return 0
}
modes() {
  for p in /var/lib/libvirt/images /var/lib/libvirt/qemu /var/lib/libvirt/qemu/nvram \
      /etc/libvirt /etc/libvirt/qemu /etc/libvirt/qemu.conf /etc/libvirt/secrets \
      /etc/libvirt/hooks /etc/pki/libvirt/private/serverkey.pem /dev/kvm /dev/vhost-net \
      /run/libvirt/libvirt-sock /run/libvirt/libvirt-sock-ro \
      /run/libvirt/virtqemud-sock /run/libvirt/virtqemud-sock-ro; do
    [ -e "$p" ] && stat -L -c '%n %a %U:%G' "$p"
  done
  return 0
}
mapped() {
  cd /sys/block || return 0
  for b in dm-*; do [ -e "$b/dm/uuid" ] && echo "$b $(cat "$b/dm/uuid")"; done
  return 0
}
ringfence() {
  for p in /usr/sbin/ringfence-host /etc/ringfence /etc/ringfence/policy.json \
      /etc/ringfence/ringfence.cil /etc/ringfence/operators /etc/ringfence/operators/*.pub \
      /etc/systemd/system/ringfence-keep.service \
      /etc/systemd/system/ringfence-barrier@.service \
      /etc/libvirt/hooks/qemu.d/50-ringfence /etc/libvirt/hooks/network.d/50-ringfence \
      /etc/sudoers.d/ringfence /var/lib/ringfence /var/lib/ringfence/holds \
      /var/lib/ringfence/anchors /var/lib/ringfence/evidence; do
    [ -e "$p" ] || [ -L "$p" ] || continue
    k=o h=-
    if [ -L "$p" ]; then k=l; elif [ -d "$p" ]; then k=d; elif [ -f "$p" ]; then
      k=f; h=$(sha256sum 2>/dev/null < "$p") || h='?'
    fi
    printf '%s %s %s %s\n' "${h%% *}" "$(stat -c '%a %u:%g' "$p")" "$k" "$p"
  done
  for p in /etc/libvirt/hooks/qemu.d/50-ringfence /etc/libvirt/hooks/network.d/50-ringfence \
      /var/lib/ringfence/holds; do
    k=$(stat -c %C "$p" 2>/dev/null) && echo "label $k $p"
  done
  ps -eo user:32=,args= | grep -q '^root .*/usr/sbin/ringfence-host keep$' && echo keep
  return 0
}
netmounts() {
  grep -E '^[^ ]+ [^ ]+ (nfs4?|cifs|smb3|ceph|fuse\.glusterfs|9p) ' /proc/mounts || [ $? -eq 1 ]
}
iscsi() {
  cd /sys/class/iscsi_connection 2>/dev/null || return 0
  for c in *; do
    [ -r "$c/persistent_address" ] || continue
    i=${c#connection}; i=${i%%:*}
    printf '%s %s\n' "$(cat "$c/persistent_address")" \
      "$(cat "/sys/class/iscsi_session/session$i/targetname")"
  done
  return 0
}
neighbours() { ip neigh show | head -n 2000; }
routes() { { ip route show && ip -6 route show; } | grep ' via ' | head -n 500; return 0; }
resolvers() { grep '^nameserver ' /etc/resolv.conf || [ $? -eq 1 ]; }
sshd_files() {
  cat /etc/ssh/sshd_config.d/*.conf 2>/dev/null
  cat /etc/ssh/sshd_config
}
s kernel uname -r
s user id -un
s uid id -u
s groups id -Gn
s libvirt-group getent group libvirt
s listening ss -lntH
s vulnerabilities vulnerabilities
s machines machines
s permissive permissive
s modes modes
s ringfence ringfence
s mapped mapped
s netmounts netmounts
s iscsi iscsi
s neighbours neighbours
s routes routes
s resolvers resolvers
s iommu ls /sys/kernel/iommu_groups
s sshd sshd -T
s sshd-files sshd_files
f /etc/os-release /sys/fs/selinux/enforce /etc/selinux/config \
  /sys/module/apparmor/parameters/enabled \
  /sys/kernel/mm/ksm/run /sys/kernel/mm/ksm/pages_shared \
  /sys/devices/system/cpu/smt/control \
  /sys/module/kvm_intel/parameters/nested /sys/module/kvm_amd/parameters/nested \
  /proc/sys/kernel/random/boot_id /proc/uptime /proc/swaps \
  /etc/libvirt/libvirtd.conf /etc/libvirt/virtqemud.conf /etc/libvirt/virtproxyd.conf \
  /etc/libvirt/qemu.conf /etc/libvirt/virtlogd.conf /etc/ringfence/prepared.json
echo end end
"""
