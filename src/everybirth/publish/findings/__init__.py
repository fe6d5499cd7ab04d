"""What offices should look at: found in each run, decided by them, verified in the next.

scene, detect      the linked records, and all findings in them; a module for each sort of finding
kinds, identity    what kinds there are and what can be decided; ids that stay
past, fate         what is known from earlier runs; what became of each finding since
"""
