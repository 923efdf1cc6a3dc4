"""The words of random texts: references and what the rules make of them, what must not change, and noise."""

from __future__ import annotations

from typing import NamedTuple


class Ref(NamedTuple):
    """A reference as it is written, and as the rules make it."""

    old: str
    new: str


Pieces = list[str | Ref]
"""A text in order; joined by `old` it is the input, joined by `new` what a rewrite has to make of it."""

RULES = {
    "k8s.gcr.io": "registry.k8s.io",
    "gcr.io/google-containers": "registry.k8s.io",
    "gcr.io/google-containers/special": "special.example.com/s",
    "quay.io/coreos": "harbor.example.com:8443/coreos/mirror",
    "docker.example.com:5000": "registry.example.com",
    "localhost:5000": "ghcr.io/local",
}
MANY_HOSTS = {f"old{number}.example.net": f"new{number}.example.org/x" for number in range(12)}
"""Together with RULES more hosts than are looked for one by one."""

RESTS = ("pause", "etcd/etcd", "a__b/c--d", "x.y_z", "kube-state-metrics/kube-state-metrics", "0/1", "n")
VERSIONS = ("", ":3.2", ":v1.2.3-rc_1", "@sha256:" + "0a" * 32, ":1.10@sha256:" + "f9" * 32, ":010", ":latest")

DECOYS = (
    "notk8s.gcr.io/pause:1",
    "my-k8s.gcr.io/pause",
    "a.k8s.gcr.io/pause:1",
    "k8s.gcr.io.evil.com/pause:1",
    "k8s.gcr.io-evil/pause",
    "k8s.gcr.io:443/pause:1",
    "harbor.corp/k8s.gcr.io/pause:3.2",
    "/etc/k8s.gcr.io/pause",
    "https://k8s.gcr.io/v2/pause",
    "http://user@k8s.gcr.io/v2/",
    "git@k8s.gcr.io/pause",
    "$(REGISTRY)/k8s.gcr.io/pause",
    "gcr.io/google-containersx/pause",
    "gcr.io/google/containers",
    "gcr.io/other/google-containers/pause",
    "quay.io/coreos-x/etcd:1",
    "quay.io:443/coreos/etcd:1",
    "docker.example.com/app",
    "docker.example.com:50001/app",
    "docker.example.com:500/app",
    "localhost/app:5000",
    "localhost:50/app",
    "registry.k8s.io/pause:3.2",
)
"""What must not change, each by R30 or R31: look-alikes, other hosts or ports, URLs, paths, placeholder hosts."""

PLAIN_WORDS = ("a", "x-1", "don't", 'b"c', "café", "日本語", "😀", "e\u0301", "𝒳", "a:b", "a#b", "1.10", "010", "ключ",
               "a\\b", "a%d", "x@@", "x*", "$HOME")  # fmt: skip
"""Words that no style of scalar minds, and that may begin one."""

FREE_WORDS = (
    *PLAIN_WORDS,
    "#",
    "key:",
    "-",
    "{x: 1}",
    "[1,",
    "2]",
    "''",
    '""',
    "{ x }",
    "\\n",
    "|",
    "*x",
    "&y",
    "!z",
    "?",
    "%",
)
"""Words for block and quoted scalars, where nothing is special but quotes and backslashes."""

ODD_WORDS = ("a\x85b", "\u2028", "a\u2029", "\xa0a")
"""Words with the line breaks of YAML 1.1 and a blank that is none, for quoted scalars."""

KEYS = (
    "a",
    "image",
    "args",
    "initImage",
    "text",
    "b c",
    "ключ",
    "😀",
    "k8s",
    "x.y/z",
    "0",
    "true",
    "description",
    "-x",
)
COMMENTS = ("", "c", " prose about the k8s.gcr.io registry", " - a: b", "#", " 😀 'x\" [{", "!x &y *z",
            " see https://k8s.gcr.io/v2/")  # fmt: skip
