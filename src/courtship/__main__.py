"""``python -m courtship``."""

from __future__ import annotations

from courtship.cli.main import main

if __name__ == "__main__":
    main()
