"""Tests of core/zones."""
