"""What must not grow with the data, measured: ratios within one run on one machine, never promises in seconds."""
