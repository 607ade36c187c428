"""What Candidly achieves on this machine, beside references that are measured in the same run: `make bench`."""
