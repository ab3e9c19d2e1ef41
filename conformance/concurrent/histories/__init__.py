"""Histories of operations at once: does an order explain them?"""
