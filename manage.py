#!/usr/bin/env python
"""Django's command line for the appointment system."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler.settings")
    if sys.argv[1:2] == ["setup"]:
        # The settings refuse to load without keys, so a first .env is written before they are read.
        from scheduler.first_env import write_first_env

        write_first_env(Path(__file__).resolve().parent / ".env")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
