"""Tests on real libvirt hosts, guests and SELinux, built on this machine."""
