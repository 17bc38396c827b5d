"""Writes of nightly runs: facts, trigger hits, standing."""
