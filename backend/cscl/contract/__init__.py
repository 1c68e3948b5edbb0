"""What both halves share: jobs, events, errors, class table, manifest. Standard library only."""
