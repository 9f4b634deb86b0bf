"""Confining the worker before its first connection (house rule 5).

Five layers, each of which still holds when another is missing on the user's kernel:

- a scrubbed environment, limits, no inherited descriptors: no address of an agent or a bus;
- no new privileges, not dumpable, ends with its parent (`core.hosts.lowered`);
- a mount namespace of its own where the kernel lets us make one: other files and other sockets
  have no name here. It is what stops a connection to an agent's socket whose path is guessed:
  Landlock does not judge `connect` on a path;
- Landlock: reads a short list of files, executes and writes nothing, connects to one TCP port,
  no signals to others, no abstract sockets;
- seccomp: no new processes, no key rings, no tracing, and only the socket families that this
  host's transport needs. A TLS host's worker cannot even make a UNIX socket.

What remains, honestly: where the kernel allows no mount namespace (user namespaces switched
off), a worker of a local or SSH host may connect to any UNIX socket whose path it guesses and
whose permissions let the user in. `confine` says so in the log then.
"""

from core.hosts.worker.confinement.confine import confine

__all__ = ["confine"]
