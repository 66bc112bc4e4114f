"""Microimpuls MicroPVR and Micromanager: addresses of recorded television, health and load, personal records."""

__version__ = "0.1.0"
