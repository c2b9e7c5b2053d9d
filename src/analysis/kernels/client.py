"""Kernels from the preloaded process: it is found or started, and asked for one."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import analysis
from analysis.kernels.server import LARGEST, look_at_code

# Seconds until the process that imports everything must listen.
PATIENCE = 60
# Seconds without a client after which it ends.
LINGER = 300
# Variables that are read once, when Python or a library begins; and the name of the user's home.
SHAPING = (
    *("PYTHON", "LD_", "MALLOC_", "GLIBC_", "LC_", "LANG", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_"),
    *("NUMPY_", "NPY_", "SCIPY_", "PANDAS_", "PANDERA_", "PATSY_", "PYARROW_", "ARROW_", "PILLOW_"),
    *("MPL", "MATPLOTLIB", "IPYTHON", "TRAITLETS_", "TQDM_", "PYDEVD_", "DEBUGPY_"),
)
SHAPING_ALONE = ("HOME", "USER", "TZ", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
# What a process has from the one that starts it.
INHERITED = ("Uid", "Gid", "Groups", "Umask", "Cap", "NoNewPrivs", "Seccomp:", "Cpus_allowed:")
# PyArrow brings an allocator, which is not in use, with a thread of its own.
QUIET = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
# Characters of a path of a socket, at most.
LONGEST = 100


class NotWarmError(Exception):
    """No kernel can be had from a preloaded process, for the reason given."""


class WarmKernel:
    """A forked kernel, with the ways of `subprocess.Popen` that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.connection = connection
        self.pid = pid
        self.returncode: int | None = None
        connection.setblocking(False)

    def poll(self) -> int | None:
        """Give the exit status, None while the kernel runs."""
        if self.returncode is None:
            try:
                text = self.connection.recv(LARGEST)
            except BlockingIOError:
                return None
            except OSError:
                text = b""
            # The process that forked it may have been killed, and the kernel ends with it.
            self.returncode = json.loads(text)["status"] if text else -signal.SIGKILL
            self.connection.close()
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end and give the exit status."""
        while self.poll() is None:
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and the processes it has started."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


def ask_for_kernel(cmd: list[str], env: dict[str, str], cwd: str, folder: str = "") -> WarmKernel:
    """Have a kernel forked.

    Parameters
    ----------
    cmd : list of str
        Command line of an ordinary kernel.
    env : dict
        Its whole environment.
    cwd : str
        Its working folder.
    folder : str
        Where its sockets are: removed should this process be killed.

    Raises
    ------
    NotWarmError
        Where forking is not safe or not possible; the message says why.
    """
    if sys.platform != "linux":
        raise NotWarmError(f"forking a process with libraries loaded is not safe on {sys.platform}")
    options, module, argv = _split(cmd)
    if cmd[0] != sys.executable or module != "ipykernel_launcher":
        raise NotWarmError(f"the kernel is started by another command, {' '.join(cmd[:3])}")
    if not Path(cwd).is_dir():
        raise NotWarmError(f"there is no folder {cwd}")
    if Path(cwd, "matplotlibrc").exists():
        raise NotWarmError("the working folder has settings of its own for Matplotlib")
    words = {"argv": argv, "env": env, "cwd": str(Path(cwd).resolve()), "folder": folder}
    request = json.dumps(words).encode()
    # A second time where the process was just about to end.
    for _ in range(2):
        connection = connect([cmd[0], *options], env)
        try:
            socket.send_fds(connection, [request], [1, 2])
            answer = json.loads(connection.recv(LARGEST) or "{}")
        except OSError as error:
            answer = {"refused": str(error)}
        if "pid" in answer:
            return WarmKernel(connection, answer["pid"])
        connection.close()
        if "refused" in answer:
            break
    raise NotWarmError(answer.get("refused", "the preloaded process has ended"))


def _split(cmd: list[str]) -> tuple[list[str], str, list[str]]:
    """Give the interpreter's options, the module it runs, and the arguments of this."""
    place = cmd.index("-m") if "-m" in cmd[:-1] else len(cmd)
    return cmd[1:place], "".join(cmd[place + 1 : place + 2]), cmd[place + 2 :]


def connect(interpreter: list[str], env: dict[str, str]) -> socket.socket:
    """Connect to the preloaded process, starting it where there is none.

    As long as a connection is open, the process stays.

    Raises
    ------
    NotWarmError
        Where its folder is not safe, or the process does not come up.
    """
    import fcntl

    folder = Path(tempfile.gettempdir()) / f"analysis-kernels-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or folder.lstat().st_mode & 0o077:
        raise NotWarmError(f"{folder} can be read by others")
    # As the package sets them for itself, so that who has imported it asks for the same process.
    env = dict.fromkeys(analysis.THREADS, "1") | env
    shaping = {k: v for k, v in env.items() if k.startswith(SHAPING) or k in SHAPING_ALONE}
    state = look_at_code()
    words = [interpreter, state, sorted(shaping.items()), _look_at_process()]
    path = folder / hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]
    if len(os.fsencode(path)) > LONGEST:
        raise NotWarmError(f"{path} is too long for a socket")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = _try(path)
        if not connection:
            own = {"PATH": env.get("PATH", os.defpath)}
            _start(interpreter, path, state, shaping | own | QUIET)
            connection = _try(path)
    if not connection:
        raise NotWarmError("the preloaded process has ended")
    return connection


def _look_at_process() -> list[str]:
    """Give what a child of this process would have from it."""
    own = Path("/proc/self")
    status = (own / "status").read_text().splitlines()
    spaces = sorted(str(space.readlink()) for space in (own / "ns").iterdir())
    texts = [(own / name).read_text() for name in ("limits", "cgroup")]
    nice = str(os.getpriority(os.PRIO_PROCESS, 0))
    return [*(line for line in status if line.startswith(INHERITED)), *spaces, *texts, nice]


def _try(path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection


def _start(interpreter: list[str], path: Path, state: str, env: dict[str, str]) -> None:
    path.unlink(missing_ok=True)
    with tempfile.TemporaryFile("w+") as errors:
        try:
            done = subprocess.run(
                [*interpreter, "-m", "analysis.kernels.server", str(path), state, str(LINGER)],
                env=env,
                cwd=path.parent,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
                timeout=PATIENCE,
            ).returncode
        except subprocess.TimeoutExpired:
            done = -1
        errors.seek(0)
        last = errors.read().strip().splitlines()[-1:]
    if done:
        raise NotWarmError(f"the process that imports everything did not come up: {' '.join(last)}")
