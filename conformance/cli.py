"""The shell's face: `conformance run`, `conformance spec`, `conformance selftest`."""

import json
import os
import random
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.terminal import print_report, print_requirement
from conformance.report.verdicts import Report
from conformance.run.options import DEFAULT_EXAMPLES, Options
from conformance.run.progress import Progress
from conformance.subject.target import CLAIMS
from conformance.system.limits import DEFAULT_SECONDS
from conformance.system.signals import sigterm_ends_as_interrupt, sigterm_exits
from conformance.workers.supervisor import KitFault, Show, TargetFault, run_in_workers
from spec_store.requirements import CLASSES, REQUIREMENTS, SPEC_VERSION, SPEC_VERSIONS, SpecVersion, requirement


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spec-store", prog_name="conformance")
def main() -> None:
    """Find out whether a store backend is one, and what is wrong if not."""


def _classes(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in names if name not in CLASSES]
    if unknown or not names:
        raise click.BadParameter(
            f"no class is called {', '.join(unknown) or repr(value)}; there is {', '.join(CLASSES)}"
        )
    return names


@main.command()
@click.argument("target")
@click.option(
    "--examples", type=click.IntRange(0), default=DEFAULT_EXAMPLES, show_default=True, help="Random programs."
)
@click.option("--seed", type=click.IntRange(0), help="Seed of the random programs; by default a new one.")
@click.option("--classes", callback=_classes, help=f"Classes to judge, of {', '.join(CLASSES)}; by default all.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="Seconds to be done in, about.")
@click.option(
    "--limit", type=click.FloatRange(0), default=DEFAULT_SECONDS, show_default=True, help="Seconds for one operation."
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    help="Seconds to wait between writing and reading, for what servers expire or sweep; by default none.",
)
@click.option("--claim", "claims", multiple=True, type=click.Choice(CLAIMS), help="Judge by a claim too; repeatable.")
@click.option("--json", "json_file", type=click.Path(allow_dash=True), help="Write the report as JSON; - is stdout.")
@click.option("--junit", "junit_file", type=click.Path(allow_dash=True), help="Write it as JUnit XML.")
@click.option("--html", "html_file", type=click.Path(allow_dash=True), help="Write it as one HTML page.")
@click.option("--scripts", type=click.Path(file_okay=False), help="Write each counterexample's script here.")
@click.option(
    "--spec",
    "version",
    type=click.Choice(SPEC_VERSIONS),
    default=SPEC_VERSION,
    show_default=True,
    help="Version of the specification to judge by; what came later is not asked.",
)
def run(
    target: str,
    examples: int,
    seed: int | None,
    classes: tuple[str, ...] | None,
    budget: float | None,
    limit: float,
    wait: float,
    claims: tuple[str, ...],
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
    scripts: str | None,
    version: SpecVersion,
) -> None:
    """Judge the backend that TARGET names: module:name of a class, a Subject, or a callable giving a new backend."""
    chosen = random.SystemRandom().randrange(2**32) if seed is None else seed
    options = Options(examples, chosen, classes, budget, limit, spec=version, wait=wait)
    files = {"json": json_file, "junit": junit_file, "html": html_file}
    _writable(files, scripts)
    report = _judged(target, claims, options)
    if report.invalid:
        _write(report, files)
        _fail(report.invalid)
    written = _write_scripts(report, scripts)
    with _to_stdout():
        if "-" not in files.values():
            print_report(report, Console(), _again(target, claims, options), written)
        _write(report, files)
    sys.exit(report.exit_status)


def _judged(target: str, claims: Sequence[str], options: Options) -> Report:
    try:
        with sigterm_exits(), _progress() as show:
            return run_in_workers(target, claims, options, show)
    except TargetFault as error:
        _fail(str(error))
    except KitFault as error:
        _fail(f"the kit itself failed, which is not the backend's fault: {error} (CONFORMANCE_DEBUG=1 tells more)")


def _again(target: str, claims: Sequence[str], options: Options) -> str:
    """The command that does the same run again: the seed, and every other option that decides what is run."""
    usual = Options()
    given: list[tuple[str, object]] = [("--seed", options.seed)]
    given += [
        (f"--{name}", getattr(options, name))
        for name in ("examples", "budget", "limit", "spec", "wait")
        if getattr(options, name) != getattr(usual, name)
    ]
    given += [("--classes", ",".join(options.classes))] if options.classes is not None else []
    given += [("--claim", claim) for claim in claims]
    return shlex.join(["conformance", "run", target, *(str(word) for pair in given for word in pair)])


def _fail(text: str) -> NoReturn:
    click.echo(f"conformance: {text}", err=True)
    sys.exit(2)


@contextmanager
def _to_stdout() -> Iterator[None]:
    """Say so in one line where standard output cannot be written; a closed pipe is left to Click."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is flushed at the end
        _fail(f"cannot write to standard output: {error.strerror}")


@contextmanager
def _progress() -> Iterator[Show]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressLines(lambda line: click.echo(line, err=True)).show
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[found]}"))
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, found="")

        def show(now: Progress) -> None:
            found = [f"{now.violated} suspicious"] if now.violated else []
            found += [f"waiting for {now.waiting}"] if now.waiting else []
            description = now.stage or "starting"
            bar.update(task, description=description, completed=now.done, total=now.total, found=", ".join(found))

        yield show


LINE_SECONDS = 10.0
"""Seconds between two lines that tell how far a run is, where there is no terminal."""


@attrs.define
class ProgressLines:
    """Tells how far a run is in a line now and then, for a log: none of a run that is soon done.

    Args:
        write: writes a line.
        clock: the time, in seconds.
    """

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _began: float = attrs.field(init=False)
    _next: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began = self.clock()
        self._next = self._began + LINE_SECONDS

    def show(self, now: Progress) -> None:
        """Tell of it, if it is time for a line."""
        if self.clock() < self._next:
            return
        self._next = self.clock() + LINE_SECONDS
        words = [f"{now.stage} {now.done} of {now.total}" if now.stage else "starting"]
        words += [f"{now.violated} suspicious"] if now.violated else []
        words += [f"waiting for {now.waiting}"] if now.waiting else []
        self.write(f"conformance: {self.clock() - self._began:.0f} s: {', '.join(words)}")


def _writable(files: dict[str, str | None], scripts: str | None) -> None:
    """Refuse a file that cannot be written before the run, not after it."""
    for option, name in files.items():
        if name and name != "-":
            try:
                Path(name).open("a").close()
            except OSError as error:
                _fail(f"--{option}: cannot write {name}: {error.strerror}")
    if scripts:
        try:
            Path(scripts).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _fail(f"--scripts: cannot make the directory {scripts}: {error.strerror}")
    if list(files.values()).count("-") > 1:
        _fail("only one of --json, --junit and --html can go to standard output")


def _write(report: Report, files: dict[str, str | None]) -> None:
    makers = {"json": lambda: json.dumps(report.to_json(), indent=2) + "\n"}
    makers |= {"junit": lambda: junit(report), "html": lambda: html(report)}
    for form, name in files.items():
        if name == "-":
            click.echo(makers[form](), nl=False)
        elif name:
            _written(Path(name), makers[form]())


def _written(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        _fail(f"cannot write {path}: {error.strerror}")


def _write_scripts(report: Report, directory: str | None) -> dict[str, str]:
    """Write each script; the path of the first of each requirement."""
    paths: dict[str, str] = {}
    if directory is None:
        return paths
    for result in report.results:
        found = (result.counterexample, *result.further) if result.counterexample else ()
        for number, one in enumerate(found, 1):
            suffix = "" if number == 1 else f"-{number}"
            path = Path(directory, f"{result.requirement.id}{suffix}.py")
            _written(path, one.script)
            paths.setdefault(result.requirement.id, str(path))
    return paths


@main.command()
@click.argument("ids", nargs=-1, metavar="[REQUIREMENT]...")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def spec(ids: tuple[str, ...], as_json: bool) -> None:
    """Print the requirements, or those named, with the reason for each and an example."""
    try:
        chosen = [requirement(name) for name in ids] if ids else list(REQUIREMENTS)
    except KeyError as error:
        _fail(str(error.args[0]))
    if as_json:
        click.echo(json.dumps({"spec": SPEC_VERSION, "requirements": [one.to_json() for one in chosen]}, indent=2))
        return
    print_requirement(chosen, Console(), whole=bool(ids))


@main.command()
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the random programs.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes to use; as many as cores.")
@click.option("--json", "json_file", type=click.Path(allow_dash=True), help="Write the matrix as JSON; - is stdout.")
@click.option("--generated", type=click.IntRange(1), help="Run it on so many faults drawn from the seed instead.")
@click.option("--least", type=click.FloatRange(0, 100), help="Exit with 1 where fewer of these are found, in percent.")
@click.argument("names", nargs=-1, metavar="[FAULT]...")
def selftest(
    seed: int, jobs: int, json_file: str | None, generated: int | None, least: float | None, names: tuple[str, ...]
) -> None:
    """Run the kit on backends whose one fault is known, and on correct ones that must not be accused.

    With --generated the faults are drawn from the seed. Those that survive are listed, and leave the status at 0,
    unless fewer are found than --least wants.
    """
    from conformance.faults.generated.reporting import render_generated
    from conformance.faults.generated.trials import try_generated
    from conformance.faults.matrix import render
    from conformance.faults.selftest import selftest as run_selftest

    if least is not None and generated is None:
        _fail("--least is about generated faults: say how many by --generated")
    _writable({"json": json_file}, None)
    try:
        with sigterm_ends_as_interrupt(), _progress() as show:
            if generated is not None:
                drawn = try_generated(generated, seed=seed, only=names or None, progress=show, jobs=jobs)
            else:
                report = run_selftest(seed=seed, only=names or None, progress=show, jobs=jobs)
    except (ValueError, ChildProcessError) as error:
        _fail(str(error))
    if generated is not None:
        _tell(drawn.to_json(), json_file, lambda: render_generated(drawn, Console()))
        sys.exit(1 if drawn.failures or 100 * drawn.rate < (least or 0) else 0)
    _tell(report.to_json(), json_file, lambda: render(report, Console()))
    sys.exit(0 if report.passed else 1)


def _tell(report: dict[str, Any], json_file: str | None, render: Callable[[], None]) -> None:
    """Print a report, and write it as JSON if that is wanted; to standard output in place of printing it."""
    text = json.dumps(report, indent=2) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
    else:
        render()
        if json_file:
            _written(Path(json_file), text)
