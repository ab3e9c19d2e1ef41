"""Renderings of one report: terminal, JUnit, HTML; JSON is `Report.to_json`."""
