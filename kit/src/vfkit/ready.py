"""Health check of a container: exit 0 when the service in it answers ``GET /readyz`` with 200.

    python -IS vfkit/ready.py [PORT]

Run as a file, not as a module, and with a bare socket: it runs every few seconds in every container, and a Python
that imports neither the packages' start nor an HTTP client is ready in a hundredth of a second.
"""

import socket
import sys

TIMEOUT_SECONDS = 4.0


def ready(port: int) -> bool:
    """Whether a server on this port of this machine says that it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(16).split()[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not ready(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
