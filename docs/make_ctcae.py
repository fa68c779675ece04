"""Write `docs/ctcae.md` from `protocols/ctcae.yaml`."""

from pathlib import Path

from exrx.report.ctcae_text import ctcae_page

if __name__ == "__main__":
    Path(__file__).with_name("ctcae.md").write_text(ctcae_page(), encoding="utf-8")
