"""Tests of core/tenants."""
