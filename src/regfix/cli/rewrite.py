"""The command line of `regfix rewrite`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.cli.options import (
    ANSWERS,
    CATALOGUE,
    COMMENTS,
    CONFIG,
    DIFF_FROM,
    EXCLUDE,
    FETCH,
    FORCE_EXCLUDE,
    HELM,
    MIRROR_TO,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    REGISTRIES,
    REPORTS,
    RULES,
    STDIN_FILENAME,
    TEXT,
    VALUES,
    VENDORED,
    VERBOSE,
    VERIFY,
    choice,
    command,
    flag,
    output,
    require_fitting,
    value,
)

if TYPE_CHECKING:
    from regfix.chart.vendored import Vendored
    from regfix.cli.options import Words
    from regfix.commands.baseline import BaselineOptions
    from regfix.commands.proving import ProveOptions
    from regfix.registry.asking import Manner


@command(
    PATHS, RULES, PRESETS, MIRROR_TO, CATALOGUE, CONFIG,
    flag("dry_run", "--dry-run", "-n", help="Print a diff for git apply, and no more."),
    flag("check", "--check", help="Write nothing; exit 1 if something would change."),
    flag("diff", "--diff", help="Write, and print the diff."),
    value("baseline", "--baseline", metavar="FILE", help="With --check: what this file knows of does not count."),
    value(
        "write_baseline", "--write-baseline", metavar="FILE", help="With --check: write what is found to a baseline, "
        "and exit 0.",
    ),
    DIFF_FROM, VENDORED,
    choice("bump", "--bump", words=("none", "patch", "minor"), help="Raise this part of the version of each chart "
           "that changes."),
    VALUES,
    flag(
        "prove", "--prove", help="Render each chart with Helm before and after, write it only if nothing but images "
        "changed, set what feeds those that are left. Exit 1 if one is left all the same.",
    ),
    value("kube_version", "--kube-version", metavar="VERSION", help="The Kubernetes that --prove renders for."),
    value("record", "--record", metavar="FILE", help="Write what --prove found to a file, .json or .md."),
    VERIFY, *ANSWERS, *REGISTRIES, FETCH, HELM, EXCLUDE, FORCE_EXCLUDE, STDIN_FILENAME, TEXT, COMMENTS, NO_IGNORE,
    output("text", "json", *REPORTS),
    VERBOSE, QUIET,
    epilog="Without rules, presets or settings the preset kubernetes counts: k8s.gcr.io to registry.k8s.io.",
)  # fmt: skip
def rewrite(
    *, paths: Words, rule: Words, preset: Words, mirror_to: str | None, catalogue: Words, config: str | None,
    dry_run: bool, check: bool, diff: bool, vendored: Vendored, bump: str, values: Words, prove: bool,
    kube_version: str | None, record: str | None,
    fetch: bool, helm: str | None, exclude: Words, force_exclude: bool, text: bool | None, comments: bool | None,
    no_ignore: bool, stdin_filename: str | None, output: str, verbose: bool, quiet: bool, verify: bool,
    baseline: str | None, write_baseline: str | None, diff_from: str | None, **asking: Any,
) -> int:  # fmt: skip
    """Rewrite references in place.

    Every file keeps each byte outside of the references that move. What stays of a source registry is listed with
    the reason.
    """
    from regfix.cli.console import Console
    from regfix.commands.rewrite import Mode, RewriteOptions
    from regfix.commands.rewrite import rewrite as run
    from regfix.commands.rules_in_force import Choice
    from regfix.errors import UsageError

    asked = [mode for mode, on in ((Mode.DRY_RUN, dry_run), (Mode.CHECK, check), (Mode.DIFF, diff)) if on]
    if len(asked) > 1:
        raise UsageError("--dry-run, --check and --diff exclude each other", hint="choose one of them")
    require_fitting(fetch, vendored)
    piped = None
    if "-" in paths or stdin_filename is not None:
        from regfix.cli.stdin import read_stdin

        piped = read_stdin(paths, stdin_filename)
    only: Words | None = None
    if diff_from is not None or (force_exclude and paths):
        from regfix.commands.listed import part_of_working_folder

        paths, only = (".",), part_of_working_folder(paths, diff_from, prove=prove)
    options = RewriteOptions(
        Choice(
            ((stdin_filename or "."),) if piped is not None else paths or (".",), rule, preset, config, catalogue,
            mirror_to,
        ),
        asked[0] if asked else Mode.WRITE, exclude, text, comments,
        ignore_files=not no_ignore, format=output, verbose=verbose, quiet=quiet, vendored=vendored,
        bump=bump, values=values, fetch=fetch, helm=helm, prove=_proof(kube_version, record, asked=prove),
        verify=_manner(asking, asked=verify), only=only, piped=piped,
        baseline=_baseline(baseline, write_baseline, check=check, whole=only is None, bump=bump != "none"),
    )  # fmt: skip
    if piped is not None:
        from regfix.commands.piped import require_pipeable

        require_pipeable(options)
    return run(options, Console())


def _manner(asking: dict[str, Any], *, asked: bool) -> Manner | None:
    """Return how registries are asked; raises UsageError for what means nothing without `--verify`."""
    if not asked and not any(asking.values()):
        return None
    from regfix.cli.registries import manner_if

    return manner_if(asked, **asking)


def _baseline(
    known: str | None, write: str | None, *, check: bool, whole: bool, bump: bool
) -> BaselineOptions | None:  # fmt: skip
    """Return the baseline of a check; raises UsageError for what does not go with it."""
    if known is None and write is None:
        return None
    from regfix.commands.baseline import BaselineOptions, require_check

    options = BaselineOptions(known, write)
    require_check(options, check=check, whole=whole, bump=bump)
    return options


def _proof(kube_version: str | None, record: str | None, *, asked: bool) -> ProveOptions | None:
    """Return what is asked of the proof; raises UsageError for what means nothing without it."""
    if asked:
        from regfix.commands.proving import ProveOptions

        return ProveOptions(kube_version, record)
    from regfix.errors import UsageError

    for name, given in (("--kube-version", kube_version), ("--record", record)):
        if given is not None:
            raise UsageError(f"{name} means nothing here", hint="it goes with --prove")
    return None
