"""Write `docs/protocols.md` and `docs/conflicts.md` from `protocols/`; `--check` only says which are out of date."""

import sys
from pathlib import Path

from exrx.report.protocol_pages import PAGES

if __name__ == "__main__":
    stale = []
    for name, page in PAGES.items():
        path, text = Path(__file__).with_name(name), page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv[1:]:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(f"out of date: {', '.join(stale)}; run: python docs/make_protocols.py")
