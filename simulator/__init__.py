"""A stand-in for the chat platforms on localhost, speaking their own wire protocols.

It imports nothing of the product and nothing of the product imports it.
"""
