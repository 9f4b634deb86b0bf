"""Tests of core/reports."""
