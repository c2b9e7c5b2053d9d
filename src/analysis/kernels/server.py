"""The preloaded process: it imports what reports need once, and forks a kernel on request.

Run by `analysis.kernels.client` as ``python -m analysis.kernels.server SOCKET STATE LINGER``. A
client asks with a message of JSON and the standard streams of the kernel to be. It is told the
process id, and the exit status when the kernel ends; a kernel whose client is gone is killed.
Nothing here starts a thread before the fork: that is what makes forking safe.
"""

import ctypes
import gc
import hashlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
# What kernels begin with and notebooks draw with, beside the package.
PRELOAD = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "comm", "pdb", "sqlite3"),
    *("IPython.core.completer", "IPython.core.completerlib", "IPython.core.debugger"),
    *("IPython.core.oinspect", "IPython.extensions.storemagic", "tornado.platform.asyncio"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_svg", "seaborn"),
    *("duckdb", "pyarrow.parquet", "pyarrow.dataset"),
)
# As an ordinary kernel has it; importing the backend is left to the kernel, whose shell it needs.
INLINE = "module://matplotlib_inline.backend_inline"
# The largest message that Linux lets through by default.
LARGEST = 2**18
# Of `prctl`: the signal to get when the parent ends.
PR_SET_PDEATHSIG = 1


def look_at_code() -> str:
    """Give a hash of time and size of the package's files, and of when packages were installed."""
    files = [path for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts]
    states = [(path, path.stat()) for path in sorted(files) if path.is_file()]
    words = [f"{path} {state.st_mtime_ns} {state.st_size}" for path, state in states]
    words.append(str(Path(sysconfig.get_path("purelib")).stat().st_mtime_ns))
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def preload() -> dict[str, str]:
    """Import the package and what kernels need; give the variables that this has set."""
    before = dict(os.environ)
    os.environ.setdefault("MPLBACKEND", INLINE)
    package = import_module("analysis")
    for name in PRELOAD:
        import_module(name)
    # Looking for its names imports what a notebook can use, and nothing of the factory.
    dir(package)
    # The first drawing looks for letters; none may go through pyplot, which is the kernel's.
    axes = import_module("matplotlib.figure").Figure().subplots()
    axes.set_title("A")
    import_module("analysis.reporting.drawing").draw_svg(axes, "first")
    # What lives on is not looked at again, so that its memory stays shared.
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


class Server:
    """Clients, and their kernels with the folders of their sockets."""

    def __init__(self, path: Path, linger: float) -> None:
        self.path = path
        self.linger = linger
        self.kernels: dict[int, tuple[socket.socket, str]] = {}
        self.request: dict[str, Any] = {}

    def listen(self) -> None:
        """Be there for clients."""
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(self.path))
        self.listener.listen(128)
        self.inode = self.path.stat().st_ino

    def serve(self) -> dict[str, Any]:
        """Answer until there was no client for a while.

        Returns
        -------
        dict
            In a process forked to be a kernel, the request for it; else nothing.
        """
        wake, woken = socket.socketpair()
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.clients = selectors.DefaultSelector()
        self.clients.register(self.listener, selectors.EVENT_READ, self.accept)
        self.clients.register(woken, selectors.EVENT_READ, self.reap)
        last = time.monotonic()
        while not self.request and (time.monotonic() < last + self.linger or not self.end()):
            for key, _ in self.clients.select(timeout=min(1, self.linger)):
                key.data(key.fileobj)
                if self.request:
                    break
            if len(self.clients.get_map()) > 2:
                last = time.monotonic()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for key in [*self.clients.get_map().values()]:
            key.fileobj.close()  # type: ignore[union-attr]
        wake.close()
        self.clients.close()
        return self.request

    def end(self) -> bool:
        """Take the socket away, unless a client has just come; clients come under this lock."""
        import fcntl

        with suppress(FileNotFoundError), self.path.with_name("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.clients.select(timeout=0):
                return False
            if self.path.stat().st_ino == self.inode:
                self.path.unlink()
        return True

    def accept(self, listener: socket.socket) -> None:
        """Take a client in."""
        self.clients.register(listener.accept()[0], selectors.EVENT_READ, self.answer)

    def answer(self, client: socket.socket) -> None:
        """Fork a kernel for a client that asks; end the kernel of one that is gone."""
        request = receive(client)
        if not request:
            return self.drop(client)
        if (count := len([*Path("/proc/self/task").iterdir()])) > 1:
            send(client, {"refused": f"the preloaded process has {count} threads"})
        else:
            try:
                pid = os.fork()
            except OSError as error:
                send(client, {"refused": str(error)})
            else:
                if not pid:
                    # First a group of its own: from now on the client may send signals to it.
                    os.setsid()
                    send(client, {"pid": os.getpid()})
                    self.request = request
                    return None
                self.kernels[pid] = client, request["folder"]
        for stream in request["streams"]:
            os.close(stream)
        return None

    def drop(self, client: socket.socket) -> None:
        """Forget a client that is gone; kill its kernel and remove the sockets of this."""
        self.clients.unregister(client)
        client.close()
        for pid, (owner, folder) in self.kernels.items():
            if owner is client:
                for kill in (os.killpg, os.kill):
                    with suppress(OSError):
                        kill(pid, signal.SIGKILL)
                if folder:
                    shutil.rmtree(folder, ignore_errors=True)

    def reap(self, woken: socket.socket) -> None:
        """Tell the clients of kernels that have ended how they ended."""
        woken.recv(4096)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if kernel := self.kernels.pop(ended[0], None):
                    send(kernel[0], {"status": os.waitstatus_to_exitcode(ended[1])})


def receive(client: socket.socket) -> dict[str, Any]:
    """Read a request, which is one message; nothing where the client is gone."""
    with suppress(OSError, ValueError):
        text, streams, *_ = socket.recv_fds(client, LARGEST, 2)
        if text:
            return {**json.loads(text), "streams": streams}
    return {}


def send(client: socket.socket, answer: dict[str, Any]) -> None:
    """Send an answer to a client, which may be gone."""
    with suppress(OSError):
        client.send(json.dumps(answer).encode())


def become_kernel(request: dict[str, Any], variables: dict[str, str], server: int) -> None:
    """Be what an ordinary kernel is at its start, and run it to its end.

    Parameters
    ----------
    request : dict
        ``argv, env, cwd`` of the kernel, and its two output ``streams``.
    variables : dict
        Environment variables that imports have set.
    server : int
        Process whose end is to end the kernel.
    """
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        return
    for number, stream in enumerate(request["streams"], start=1):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(variables | request["env"])
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    # Python gives `random` new numbers by itself.
    np.random.seed()
    launcher = find_spec("ipykernel_launcher")
    sys.argv = [str(launcher and launcher.origin), *request["argv"]]
    argv = [*request["argv"], f"--IPKernelApp.parent_handle={server}"]
    try:
        IPKernelApp.launch_instance(argv)
    except FileNotFoundError:
        # Who asked for it may be gone, and its folder with it; then there is nothing to tell.
        if Path(request["cwd"]).is_dir():
            raise


def main() -> None:
    """Import everything and serve, in a process whose parent ends when it listens."""
    path, state, linger = sys.argv[1:]
    # As with an ordinary kernel, the folder it was started in is no place to import from.
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]
    os.chdir("/")
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os._exit(0 if os.read(reading, 1) else 1)
    os.close(reading)
    variables = preload()
    if look_at_code() != state:
        sys.exit("the package that was imported is not the one that was looked at")
    server = Server(Path(path), float(linger))
    server.listen()
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    os.close(null)
    os.write(writing, b"1")
    os.close(writing)
    process = os.getpid()
    if request := server.serve():
        become_kernel(request, variables, process)


if __name__ == "__main__":
    main()
