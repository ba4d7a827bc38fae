"""Pages of conferences, movements and results; one module for each."""
