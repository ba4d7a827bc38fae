"""Pages of the DATASUS side; each file is one part of the screen."""
