"""The receiving server and console of Customers Mail Cloud on one machine."""

__version__ = "0.2.0"
