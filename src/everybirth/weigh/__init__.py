"""Weighing: what agreement and difference on each field say about a pair, learned without labels."""
