"""A network between the browser and the server that a test can cut."""

import socket
import threading
from contextlib import suppress


class Network:
    """Passes connections on to `port` of this machine until it is cut; then it closes them and takes no new ones."""

    def __init__(self, *, port: int) -> None:
        self._to = port
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._lost = b""
        self._listens = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listens.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self._is_cut = True
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def lose_answers_to(self, path: str) -> None:
        """Let requests to an address that ends so through, and cut the connection where the answer would come."""
        self._lost = f"{path} HTTP".encode()

    def restore(self) -> None:
        """Take connections again and lose no answers."""
        self._is_cut, self._lost = False, b""

    def close(self) -> None:
        """End the network."""
        self.cut()
        self._listens.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listens.accept()
                if self._is_cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open |= {near, far}
                threading.Thread(target=self._both_ways, args=(near, far), daemon=True).start()

    def _both_ways(self, near: socket.socket, far: socket.socket) -> None:
        is_lost = threading.Event()
        back = threading.Thread(target=self._pass_on, args=(far, near, is_lost), daemon=True)
        back.start()
        self._pass_on(near, far, is_lost)
        back.join()
        for each in (near, far):
            self._open.discard(each)
            each.close()

    def _pass_on(self, one: socket.socket, other: socket.socket, is_lost: threading.Event) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if self._lost and self._lost in data:
                    is_lost.set()
                elif is_lost.is_set() and data.startswith(b"HTTP/"):
                    break
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
