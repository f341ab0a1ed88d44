"""One module for each mail system whose bounces the simulator writes."""
