"""The provisioner that Jupyter finds by its entry point, named by the kernelspec ``analysis``."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.kernels.client import LONGEST, NotWarmError, ask_for_kernel

# What a forked kernel can be given; whoever asks for more gets an ordinary one.
KNOWN = {"env", "cwd", "kernel_id", "extra_arguments"}


class WarmProvisioner(LocalProvisioner):
    """Hands out kernels forked from a preloaded process; ordinary ones where that can not be.

    Messages go through sockets in a folder of the user, so that there is no port to race for and
    nothing to listen to; where that can not be, they are encrypted. ``reason`` says why a kernel
    is an ordinary one.
    """

    reason = ""
    folder = ""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose sockets in the file system, or encryption, where nothing else was asked for."""
        manager: Any = self.parent
        short = len(os.fsencode(tempfile.gettempdir())) < LONGEST - len("/an12345678/k-1")
        if self.folder:
            Path(self.folder).mkdir(mode=0o700, exist_ok=True)
        elif os.name == "posix" and short and manager.transport == "tcp" and not any(manager.ports):
            self.folder = tempfile.mkdtemp(prefix="an")
            manager.transport, manager.ip = "ipc", f"{self.folder}/k"
            manager.cache_ports = False
        elif manager.transport == "tcp" and zmq.has("curve"):
            manager.transport_encryption = "auto"
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a forked kernel, or an ordinary one."""
        env = kwargs["env"] | {"JPY_PARENT_PID": str(os.getpid())}
        cwd = str(kwargs.get("cwd") or Path.cwd())
        try:
            if unknown := kwargs.keys() - KNOWN:
                raise NotWarmError(f"it is to have {', '.join(sorted(unknown))}")
            kernel: Any = await asyncio.to_thread(ask_for_kernel, cmd, env, cwd, self.folder)
        except (NotWarmError, OSError) as error:
            self.reason = str(error)
            self.log.warning("An ordinary kernel is started: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.reason = ""
        # Without a group: signals go through the process, which knows whether it has ended.
        self.process, self.pid, self.pgid = kernel, kernel.pid, None
        self.cwd = kwargs.get("cwd", Path.cwd())
        manager: Any = self.parent
        if manager.transport == "ipc":
            # Who connects before the kernel listens tries again only after a tenth of a second.
            listening = Path(f"{manager.ip}-{manager.iopub_port}")
            await self._until(lambda: listening.exists() or kernel.poll() is not None)
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel; it is gone a moment later, and Jupyter looks only from time to time."""
        await super().kill(restart)
        if process := self.process:
            await self._until(lambda: process.poll() is not None)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sockets."""
        await super().cleanup(restart)
        if self.folder and not restart:
            shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    async def _until(done: Callable[[], bool]) -> None:
        """Wait until something is so, for some seconds at most."""
        end = time.monotonic() + 5
        while not done() and time.monotonic() < end:
            await asyncio.sleep(0.002)
