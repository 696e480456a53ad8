"""Helpers of Fabric 1."""
