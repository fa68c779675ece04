"""Rules: conditions as small frozen nodes, the restriction lattice, and one interpreter a file."""
