"""What to do about each kind of result, for tools that show help beside a finding."""

from __future__ import annotations

from regfix.locate.site import Reason

ADVICE = {
    Reason.IGNORED: "Nothing is to be done: a comment `regfix: ignore` protects the line.",
    Reason.COMMENT: "Nothing is to be done, unless comments shall move too: then leave out `--no-comments`.",
    Reason.PROSE: "Read the place, and change it by hand if it is out of date.",
    Reason.URL: "Read the place. Whether the new registry answers at the same URL only you know.",
    Reason.OTHER_HOST: "Nothing is to be done, unless the other host is to be moved: then give a rule for that.",
    Reason.DYNAMIC: "Find out what the template or variable stands for, and edit by hand.",
    Reason.PATTERN: "Edit it by hand. Often both registries are to be allowed for some time.",
    Reason.INVALID: "If it is meant as a reference, no registry will serve it: mend it.",
    Reason.ESCAPED: "Edit it by hand, best without the escapes.",
    Reason.ENCODED: "Change it where it is made: the file that a program encodes.",
    Reason.LABEL: "Change it by hand, together with whatever reads the key, or leave it.",
    Reason.MARKUP: "Read the place; mostly it is a name and not a reference.",
    Reason.CREDENTIALS: "Change it by hand, with the credentials of the new registry.",
    Reason.MIRROR: "Add a mirror for the new registry by hand, if it is to have one.",
    Reason.COMPARED: "See what the template compares it with: both have to name the same registry.",
    Reason.REGISTRY_ABOVE: "See whether the templates put that registry in front of it; if not, edit it by hand.",
    Reason.REGISTRY_ALONE: "Decide which registry the key shall name; the rules depend on the repository.",
    Reason.SHARED: "Write the value out where the alias is, then run again.",
    Reason.DUPLICATE: "Decide which of the two values is right, and remove the other.",
    Reason.DEFAULT: "Change the definition where it comes from, if the default is an image.",
    Reason.SELECTOR: "Add `newName` with the new name beside `name`, which has to stay.",
    Reason.QUOTES: "Edit it by hand: the new name needs quotes.",
    Reason.KEPT: "Nothing is to be done. `regfix rules explain` names the rule that keeps it.",
    Reason.SUCCESSOR: "Read what the catalogue says of it (`regfix rules explain`), and plan the change by hand.",
    Reason.GONE: "Replace the image by another one, or pull it from a copy of your own.",
    Reason.OTHER_TAG: "Choose a tag that is at the new home (see `regfix rules explain`), or keep a copy.",
    Reason.UNKNOWN_TAG: "Find out which tag is pulled, and edit by hand. Tags in a key beside the name are seen.",
    Reason.TEXT: "Run with `--text`, if files that are no manifests should move too.",
    Reason.VENDORED: "Upgrade the dependency, or rewrite the copy with `--vendored rewrite`.",
    Reason.SCHEMA: "Let `values.schema.json` of the chart take the new value, then run again.",
    Reason.DEAD_VALUE: "Remove the key, and set the one that works; regfix names it where it knows one.",
    Reason.LOCK: "Run `helm dependency update`, which writes the lock file anew.",
    Reason.UNCONFIRMED: "Copy the image to its new home, or choose a tag that is there; then run again.",
    Reason.UNPROVEN: "See what `--prove` says about the chart; without `--prove` it is rewritten all the same.",
    Reason.FAILED: "See the error of the file, mend it, and run again.",
}
"""A sentence or two for each reason; docs/reference/reasons.md says more."""

MOVE_ADVICE = "Run `regfix rewrite`, or make the edits that are proposed here."
