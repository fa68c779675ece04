"""Dask: tasks as futures on any number of worker processes; a worker that dies takes nothing with it.

    from dask.distributed import Client
    run = DaskRun.of(open_table("cohort/"), settings, client=Client("tcp://scheduler:8786"))
    run.to_folder(Path("answers"), None, resume=True)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from exrx import __version__
from exrx.errors import InputFileError, MissingDependencyError
from exrx.stream.cluster import Answer, ClusterRun, Task, from_ipc, to_ipc, workers_agree

PATIENCE = 10
"""Seconds to wait for a scheduler."""
RETRIES = 3
"""So often is a task begun again after an error on its worker (a lost worker does not count)."""
Packed = list[tuple[bytes, bytes, int]]


@frozen(eq=False)
class DaskRun(ClusterRun):
    """A run on a Dask cluster; `client` is a `distributed.Client`, `ahead` how many tasks wait for each thread."""

    client: Any = None
    ahead: int = 2

    def deal(self, tasks: Iterator[Task]) -> Iterator[list[Answer]]:
        """See `ClusterRun`; no more tasks are out than the workers can soon take up.

        Raises:
            InputFileError: the workers have another version of exrx, or a file is damaged.
        """
        self._check_workers()
        threads = sum(worker["nthreads"] for worker in self.client.scheduler_info(n_workers=-1)["workers"].values())
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                waiting.append(self.client.submit(_answered, task, pure=False, retries=RETRIES))
                while len(waiting) > max(threads, 1) * self.ahead:
                    yield _unpacked(waiting.popleft().result())
            while waiting:
                yield _unpacked(waiting.popleft().result())
        finally:
            self.client.cancel(list(waiting))

    def _check_workers(self) -> None:
        found = workers_agree(list(self.client.run(_version).values()), __version__)
        if found:
            raise InputFileError(
                f"the workers have exrx {', '.join(found)}, and here is {__version__}: install one version everywhere."
            )


def connect(address: str) -> Any:
    """A client of the scheduler at an address such as `tcp://scheduler:8786`.

    Raises:
        MissingDependencyError: Dask is not installed.
        InputFileError: there is no scheduler at that address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingDependencyError.of("distributed", "dask", "A Dask cluster") from error
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InputFileError(f"there is no Dask scheduler at {address}; start one with: dask scheduler") from error


def _version() -> str:
    return __version__


def _answered(task: Task) -> Packed:
    """The answers of a task as bytes: what crosses machines is the rows' own memory and no more."""
    return [(to_ipc(decisions), to_ipc(problems), before) for decisions, problems, before in task.answers()]


def _unpacked(packed: Packed) -> list[Answer]:
    return [(from_ipc(decisions), from_ipc(problems), before) for decisions, problems, before in packed]
