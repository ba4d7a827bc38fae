"""Pages of the DATASUS side, one module for each part of the screen."""
