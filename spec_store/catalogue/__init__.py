"""The requirements class by class; `spec_store.requirements` puts them together."""
