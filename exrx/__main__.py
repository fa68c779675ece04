"""`python -m exrx` is the same as `exrx`."""

import sys

from exrx.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
