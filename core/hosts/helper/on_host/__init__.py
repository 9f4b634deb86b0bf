"""The parts of ringfence-host: standard library only, Python 3.9+.

`core.hosts.helper.one_file` joins them to the one file that runs on a host. It obeys closed verbs;
every value is checked there and rules are made there from data: no rule text, path or argument is
accepted from outside.
"""
