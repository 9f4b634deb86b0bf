"""Tests of core/fleet."""
