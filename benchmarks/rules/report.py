"""The bars, and the results as Markdown tables for RESULTS.md."""

from __future__ import annotations

from typing import Any

RULE_BITS, DECISIONS, FASTER = 150, 100, 2.5
"""Bars on two free cores: million patients a second, and how many times the fastest form of Polars."""

Rates = dict[str, dict[str, Any]]


def bars(rates: Rates, rule_forms: list[str], decision_forms: list[str]) -> dict[str, dict[str, Any]]:
    """What the kernel is held to, by the clock; and what two free cores would give by the processors' time.

    The clock counts. On a machine that others use, the processors' time says what is ours.
    """

    def times(ours: str, forms: list[str]) -> dict[str, Any]:
        fastest = max(forms, key=lambda form: rates[form]["best"])
        thriftiest = min(rates[form]["cpu ns"] for form in forms)
        ratio = rates[ours]["best"] / rates[fastest]["best"]
        return {"found": round(ratio, 2), "by cpu": round(thriftiest / rates[ours]["cpu ns"], 2), "bar": FASTER,
                "met": _met(ratio, FASTER)}  # fmt: skip

    def rate(ours: str, bar: float) -> dict[str, Any]:
        found = rates[ours]["best"]
        return {"found": found, "by cpu": round(2e3 / rates[ours]["cpu ns"], 1), "bar": bar, "met": _met(found, bar)}

    again = "exrx rules, memory used again"
    share = rates["exrx rules"]["best"] / rates["read the bytes"]["best"]
    cpu_share = rates["read the bytes"]["cpu ns"] / rates["exrx rules"]["cpu ns"]
    return {
        "rule bits, M patients/s": rate("exrx rules", RULE_BITS),
        "decisions, M patients/s": rate("exrx decisions", DECISIONS),
        "decisions, times the fastest Polars form": times("exrx decisions", decision_forms),
        "rule bits, times the fastest Polars form": times("exrx rules", rule_forms),
        "rule bits into used memory, times the same": times(again, rule_forms),
        "rule bits, share of the memory-read limit": {
            "found": round(share, 2), "by cpu": round(cpu_share, 2), "bar": 0.2, "met": _met(share, 0.2),
        },
    }  # fmt: skip


def _met(found: float, bar: float) -> str:
    return "met" if found >= bar else "MISSED"


def markdown(results: dict[str, Any]) -> str:
    """The results as one paragraph of what was run and one table a part."""
    plain = {key: value for key, value in results.items() if not isinstance(value, dict)}
    parts = ["; ".join(f"{key}: {value}" for key, value in plain.items())]
    for title, part in results.items():
        if not isinstance(part, dict):
            continue
        rows = {name: row if isinstance(row, dict) else {"value": row} for name, row in part.items()}
        heads = list(dict.fromkeys(key for row in rows.values() for key in row))
        lines = [f"| {title} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
        for name, row in rows.items():
            lines.append(f"| {name} | {' | '.join(_cell(row.get(head, '')) for head in heads)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
