"""Write `docs/diagnostics.md` from `protocols/diagnostics.yaml`."""

from pathlib import Path

from exrx.protocol.codes import codes_page

if __name__ == "__main__":
    Path(__file__).with_name("diagnostics.md").write_text(codes_page(), encoding="utf-8")
