"""Attempts: several jobs at one task, of which one is offered.

In come the jobs of a group as they are at their end; out go their ranks, and why. `ranking` is pure.
"""
