"""What `--help` says besides the commands, the options and what these say themselves."""

from __future__ import annotations

OTHERS = "Output and help"
"""The title for options that have no other one."""

GROUPS = {
    "Rules": ("rule", "preset", "catalogue", "catalogue_file", "mirror_to", "as_of", "config"),
    "What is done": (
        "dry_run", "check", "diff", "baseline", "write_baseline", "file", "force", "push", "request", "branch", "again",
        "all", "hosts", "filter",
    ),
    "Charts": ("vendored", "values", "fetch", "helm", "bump", "overrides.version", "most"),
    "Proof by Helm": ("prove", "kube_version", "record", "bulk.helm"),
    "Registries": ("verify", "no_cache", "offline", "mirror", "plain", "ca", "realm", "timeout"),
    "What is read": ("diff_from", "exclude", "force_exclude", "stdin_filename", "text", "comments", "no_ignore"),
    "Clusters": (
        "contexts", "all_contexts", "namespaces", "all_namespaces", "selector", "resources", "kubeconfig", "kubectl",
        "files", "save", "no_releases", "sources", "charts",
    ),
    "Many projects": ("folder", "jobs", "per_host", "attempts", "bulk.timeout", "shard", "dask"),
}  # fmt: skip
"""The options in groups, by the names of their parameters; `COMMAND.NAME` is that of one command."""

_FAILED = ("2", "usage or settings are wrong, and nothing was done; or something could not be processed: it is named, "
                "and the rest was done")  # fmt: skip
_DONE = ("0", "done")

EXITS = {
    "init": (_DONE, _FAILED),
    "rewrite": (
        _DONE,
        ("1", "--check: something would change; --prove: a chart is not proven, or an image is left; --verify: an "
              "image is left because its new home is not confirmed"),
        _FAILED,
    ),
    "scan": (_DONE, _FAILED),
    "overrides": (_DONE, _FAILED),
    "upgrades": (_DONE, ("1", "a dependency holds a reference that moves"), _FAILED),
    "verify": (("0", "every image is there"), ("1", "an image is missing or differs"), _FAILED),
    "tags": (_DONE, ("1", "there is no such repository"), ("2", "the registry gave no answer, or the usage is wrong")),
    "bulk": (
        _DONE,
        ("1", "a proof or a registry did not confirm everything"),
        ("2", "usage or plan are wrong, and nothing was done; or a project, or a file in one, could not be done"),
    ),
    "cluster": (_DONE, ("1", "--check: something refers to a source registry"), _FAILED),
    "krm": (_DONE, _FAILED),
}  # fmt: skip
"""What the exit codes of a command mean."""

EXAMPLES = {
    "": (
        ("regfix rewrite ./charts --dry-run", "show what would change"),
        ("regfix rewrite ./charts", "change it"),
        ("regfix scan ./charts", "list every image reference"),
    ),
    "init": (("regfix init --dry-run", "see what would be written"),),
    "rewrite": (
        ("regfix rewrite ./charts --dry-run", "show what would change"),
        ("regfix rewrite --rule docker.io=harbor.example.com/hub", "take Docker Hub's images from a mirror"),
        ("regfix rewrite ./charts/shop --prove", "let Helm prove that only images change"),
        ("regfix rewrite --check --format github", "fail a pipeline while anything would change"),
    ),
    "scan": (
        ("regfix scan --format csv > images.csv", "a table of all images"),
        ("regfix scan --catalogue", "what has moved, or is about to"),
    ),
    "overrides": (
        ("regfix overrides ./shop-1.2.0.tgz > values.yaml", "for helm install -f values.yaml"),
        ("regfix overrides oci://registry.example.com/charts/shop --fetch", "for a chart in a registry"),
    ),
    "upgrades": (("regfix upgrades ./charts/shop", "before you override what a newer version has mended"),),
    "verify": (
        ("regfix verify ./charts", "before the move"),
        ("regfix verify --all --hosts", "which hosts the firewall has to let through"),
    ),
    "tags": (("regfix tags registry.k8s.io/pause --filter '3.*'", "which tags of 3 there are"),),
    "rules list": (("regfix rules list", "which rules count in this folder, and why"),),
    "rules show": (("regfix rules show bitnami", "what moved to where, when, who says so"),),
    "rules explain": (("regfix rules explain nginx:1.27 --rule docker.io=hub.example.com", "where it would go"),),
    "bulk": (
        ("regfix bulk projects.txt --dry-run", "clone, and tell what would change"),
        ("regfix bulk projects.txt --push --pull-request gh", "commit, push, and ask for review"),
    ),
    "cluster": (
        ("regfix cluster", "what still pulls from the old registry"),
        ("regfix cluster --all-contexts --check", "fail while anything does, in any cluster"),
    ),
    "completion": (
        ("source <(regfix completion bash)", "in ~/.bashrc; zsh is alike, behind compinit"),
        ("regfix completion fish > ~/.config/fish/completions/regfix.fish", "for fish"),
    ),
}
"""What users type, with what it is for."""

_REFERENCE = "docs/reference/cli.md"

PAGES = {
    "": ("docs/tutorial/first-migration.md", _REFERENCE),
    "init": ("docs/reference/settings.md",),
    "rewrite": (_REFERENCE, "docs/reference/reasons.md", "docs/explanation/rules.md"),
    "scan": ("docs/how-to/find-what-is-about-to-break.md", "docs/reference/what-is-found.md"),
    "overrides": ("docs/how-to/upgrade-dependencies.md",),
    "upgrades": ("docs/how-to/upgrade-dependencies.md",),
    "verify": ("docs/how-to/verify-before-a-migration.md",),
    "rules": ("docs/explanation/rules.md", "docs/reference/catalogue.md"),
    "bulk": ("docs/how-to/many-projects.md",),
    "cluster": ("docs/how-to/find-what-still-pulls.md",),
    "krm": ("docs/how-to/use-in-pipes.md",),
    "completion": ("docs/how-to/complete-in-your-shell.md",),
}
"""Where the project says more."""
