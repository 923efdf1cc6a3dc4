"""The command line of `regfix cluster`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import CATALOGUE, CONFIG, PRESETS, QUIET, RULES, command, flag, output, value

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    RULES, PRESETS, CATALOGUE, CONFIG,
    value("contexts", "--context", metavar="NAME", many=True, help="Context of the kubeconfig, instead of the current "
          "one. Repeatable."),
    flag("all_contexts", "--all-contexts", help="All contexts of the kubeconfig."),
    value("namespaces", "--namespace", "-n", metavar="NAME", many=True, help="Look into this namespace only. "
          "Repeatable."),
    flag("all_namespaces", "--all-namespaces", "-A", help="Look into all namespaces (the default)."),
    value("selector", "--selector", "-l", metavar="LABELS", help="Only objects with these labels, as for kubectl."),
    value("resources", "--resource", metavar="NAME", many=True, help="Custom resources to look into besides those that "
          "are known, as databases.example.com. Repeatable."),
    value("kubeconfig", "--kubeconfig", metavar="FILE", help="Configuration of kubectl."),
    value("kubectl", "--kubectl", metavar="PROGRAM", help="kubectl, if not the one on the PATH."),
    value("files", "--from-file", metavar="FILE", many=True, help="Read what kubectl get -o json printed, or a folder "
          "of such files, one for each cluster, and ask no cluster. Repeatable."),
    value("save", "--save", metavar="FOLDER", help="Keep what is read as a dump for --from-file, one for each cluster, "
          "without the data of Secrets."),
    flag("all", "--all", help="List references that no rule moves, too."),
    flag("no_releases", "--no-releases", help="Leave out the releases of Helm, which are kept in Secrets."),
    value("charts", "--charts", metavar="PATH", many=True, help="Charts of the releases, as folders or archives at or "
          "below this path: tells which line of a chart an image comes from. Repeatable."),
    value("sources", "--source", metavar="PATH", many=True, help="Manifests and values at or below this path: tells "
          "which line of which file to change. Repeatable."),
    flag("check", "--check", help="Exit with 1 while anything refers to a source registry."),
    output("text", "json", "csv", "markdown", "openmetrics"), QUIET,
)  # fmt: skip
def cluster(
    *, rule: Words, preset: Words, catalogue: Words, config: str | None, contexts: Words, all_contexts: bool,
    namespaces: Words, all_namespaces: bool, selector: str | None, resources: Words, kubeconfig: str | None,
    kubectl: str | None, files: Words, save: str | None, all: bool, no_releases: bool, charts: Words,
    sources: Words, check: bool, output: str, quiet: bool,
) -> int:  # fmt: skip
    """List what runs in a cluster, and what would run, from which registry.

    Asks kubectl for lists, and changes nothing. Jobs between runs and workloads at zero are in it.
    """
    from regfix.cli.console import Console
    from regfix.cluster.discovery import Scope
    from regfix.commands.cluster import ClusterOptions
    from regfix.commands.cluster import cluster as run
    from regfix.commands.rules_in_force import Choice
    from regfix.errors import UsageError

    if namespaces and all_namespaces:
        raise UsageError("--namespace and --all-namespaces exclude each other", hint="leave one of them out")
    if contexts and all_contexts:
        raise UsageError("--context and --all-contexts exclude each other", hint="leave one of them out")
    options = ClusterOptions(
        Choice((".",), rule, preset, config, catalogue), contexts, all_contexts, kubeconfig or "", kubectl,
        Scope(tuple(dict.fromkeys(namespaces)), selector or "", resources), files, save, all,
        not no_releases, charts, sources, check, output, quiet,
    )  # fmt: skip
    return run(options, Console())
