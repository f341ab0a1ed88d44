"""The HTTP API under /api/v1, described by the models in this package at /openapi.json."""
