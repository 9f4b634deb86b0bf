"""A real SELinux host, enforcing, in an emulated machine: for labels nothing else can show."""
