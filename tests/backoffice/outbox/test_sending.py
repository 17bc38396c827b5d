"""One signed POST to one checked address."""

from threading import Thread

from backoffice.outbox.sending import post


def test_post_never_connects_to_a_refused_address(receiver):
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        answer = post(url=f"https://{host}:{receiver.server_port}/", body=b"{}", headers={}, private_hosts=())
        assert answer.status is None

    assert receiver.got == []


def test_post_gives_up_on_a_receiver_that_drips():
    import socket
    import time

    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        peer, _address = listener.accept()
        try:
            for letter in b"HTTP/1.1 200 OK\r\n" + b"x-slow: " + b"a" * 200:
                peer.sendall(bytes([letter]))
                time.sleep(0.05)
        except OSError:
            pass
        finally:
            peer.close()

    thread = Thread(target=drip, daemon=True)
    thread.start()
    begun = time.monotonic()

    answer = post(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}/",
        body=b"{}",
        headers={},
        private_hosts=("127.0.0.1",),
        seconds=0.5,
    )

    assert answer.status is None
    assert time.monotonic() - begun < 3
    thread.join(timeout=3)
    listener.close()
