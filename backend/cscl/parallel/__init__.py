"""The same tasks in this process, in several on this machine, or on a dask cluster."""

from cscl.parallel.tasks import run_tasks

__all__ = ["run_tasks"]
