"""Rates, memory, and the speed at which the bytes can be read at all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from exrx.columns import TickColumn
from rules.patients import Patients


def rate(n: int, call: Callable[[], Any], repeat: int) -> dict[str, float]:
    """Million patients a second: best and median of `repeat` runs, after one that is not counted.

    `cpu ns` is the processors' time a patient of the thriftiest run: what others on the machine disturb least.
    """
    call()
    seconds, cpu = [], []
    for _ in range(repeat):
        start, busy = time.perf_counter(), time.process_time()
        result = call()
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)
        del result
    return {
        "best": _short(n / min(seconds) / 1e6),
        "median": _short(n / statistics.median(seconds) / 1e6),
        "cpu ns": _short(1e9 * min(cpu) / n),
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def peak_bytes(call: Callable[[], Any]) -> int:
    """How far the process grew while `call` ran (Linux)."""
    clear, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")

    def held(key: str) -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(key)) * 1024

    clear.write_text("5")
    before = held("VmRSS")
    call()
    return held("VmHWM") - before


def read_bytes(patients: Patients) -> int:
    """The limit: every byte of the columns read once, on two threads."""
    parts = [np.asarray(part).reshape(-1) for part in _buffers(patients)]

    def largest(half: int) -> int:
        return max(int(part[half * part.size // 2 : (half + 1) * part.size // 2].max()) for part in parts)

    with ThreadPoolExecutor(2) as pool:
        return max(pool.map(largest, (0, 1)))


def _buffers(patients: Patients) -> list[np.ndarray]:
    found: list[np.ndarray] = []
    for column in patients.columns.values():
        arrays = (column.ticks, column.down) if isinstance(column, TickColumn) else tuple(column.planes)
        found += [array[: array.size // 4 * 4].view(np.uint64) if array.dtype != np.uint64 else array
                  for array in arrays]  # fmt: skip
    return found
