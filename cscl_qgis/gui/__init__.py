"""The dock: a form made from a job's fields, a runner, a log."""
