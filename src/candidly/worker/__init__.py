"""The loops that do what pages only ask for."""

from candidly.worker.run import run

__all__ = ["run"]
