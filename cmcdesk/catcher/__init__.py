"""The webhook catcher (ours): endpoints on loopback that keep what comes and answer as they are told."""
