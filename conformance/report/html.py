"""A report as one HTML page that needs nothing else."""

from itertools import groupby

from jinja2 import Environment, PackageLoader

from conformance.report.verdicts import Report
from conformance.report.words import concluded, happened


def html(report: Report) -> str:
    """The page's text; all that comes from the backend is escaped."""
    environment = Environment(
        loader=PackageLoader("conformance", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("page.html.j2")
    groups = [(name, list(group)) for name, group in groupby(report.results, key=lambda one: one.requirement.class_)]
    return template.render(report=report, groups=groups, concluded=concluded(report), happened=happened)
