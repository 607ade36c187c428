"""A row per mail, and nothing else."""
