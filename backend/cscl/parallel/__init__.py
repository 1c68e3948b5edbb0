"""The same tasks in this process, in several on this machine, or on a dask cluster."""

from cscl.parallel.tasks import TaskPool, run_tasks, task_pool

__all__ = ["TaskPool", "run_tasks", "task_pool"]
