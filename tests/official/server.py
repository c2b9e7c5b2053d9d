"""A server on loopback that answers as a test says, well or badly."""

import re
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """Answers by path: ``site["/a.csv"] = Document(b"…")``, or any callable of the request.

    ``seen`` are the requests, ``served`` the bytes of body that went out.
    """

    def __init__(self, certificate=None):
        self.answers, self.seen, self.served, self.over = {}, [], 0, threading.Event()
        self.server = _Server(("127.0.0.1", 0), _Request)
        self.server.site = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake in the thread of the request, so that no bad one stops the others.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if certificate else "http"
        self.address = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def __setitem__(self, path, answer):
        self.answers[path] = answer

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass  # a client that has gone away is what many tests are about


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def site(self):
        return self.server.site

    def do_GET(self):
        self.close_connection = True
        self.site.seen.append((self.path, dict(self.headers)))
        with suppress(OSError):
            self.site.answers[self.path](self)

    def head(self, status=200, **headers):
        """Send status and headers; ``content_length=3`` becomes ``Content-Length: 3``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()

    def body(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.site.served += len(data)

    def stall(self):
        """Say nothing more, until the client or the test is through."""
        self.site.over.wait(60)

    def drip(self, byte=b"x"):
        """Send a byte now and then, for as long as somebody listens."""
        while not self.site.over.wait(0.02):
            self.body(byte)


@dataclass
class Document:
    """A file as a good server has it, but for ``cuts``: after how many bytes answers break off."""

    content: bytes
    etag: str = ""
    modified: str = ""
    ranges: bool = True
    cuts: list = field(default_factory=list)
    headers: dict = field(default_factory=dict)

    def __call__(self, request):
        said = {"etag": self.etag} if self.etag else {}
        said |= {"last_modified": self.modified} if self.modified else {}
        if self.etag and request.headers.get("If-None-Match") == self.etag:
            return request.head(304, **said)
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start, total = 0, len(self.content)
        if wanted and self.ranges and request.headers["If-Range"] in (self.etag, self.modified):
            start = int(wanted[1])
            said["content_range"] = f"bytes {start}-{total - 1}/{total}"
        if start and start >= total:
            return request.head(416, content_range=f"bytes */{total}", content_length=0)
        rest = self.content[start:]
        request.head(206 if start else 200, **{"content_length": len(rest)} | said | self.headers)
        return request.body(rest[: self.cuts.pop(0)] if self.cuts else rest)
