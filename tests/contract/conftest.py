"""A project for the tests of formats."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support import PAUSE, grow

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(project: Path) -> Path:
    """A project with every status, context and most of the reasons."""
    grow(
        project,
        {
            "a/plain.yaml": f"\ufeff# \U0001f600 {PAUSE}{PAUSE}b: {{registry: k8s.gcr.io, repository: a/b, tag: x}}\r\n"
            "k8s.gcr.io/x: y\n",
            "a/anchors.yaml": "a: &a {image: k8s.gcr.io/a}\nb: *a\nx: {registry: &r k8s.gcr.io, repository: a}\n"
            "y: {registry: *r, repository: b}\n",
            "a/left.yaml": "# k8s.gcr.io\na: https://k8s.gcr.io/v2\nb: x/k8s.gcr.io/y\nc: k8s.gcr.io${X}\n"
            "labels: {k8s.gcr.io/a: b}\n"
            'd: "k8s\\x2egcr.io/a"\ne: k8s.gcr.io/a # regfix: ignore\nf: !k8s.gcr.io/x y\n',
            "a/hub.yaml": "image: nginx:1.27\nb: {image: docker.io/a/b}\n",
            "a/templates/x.yaml": f'{{{{ a | default "k8s.gcr.io/a:1" }}}}\n{PAUSE}{{{{/* k8s.gcr.io/b */}}}}\n',
            "a/README.md": "docker pull k8s.gcr.io/pause:3.2\n",
            "a/none.yaml": "image: quay.io/a/b\n",
            "bad/broken.yaml": f"[{PAUSE}",
            "bad/bytes.yaml": PAUSE.encode() + b"\xff\n",
            "bad/\udcff\n.yaml": f"[{PAUSE}",
            "c/Chart.yaml": "name: c\n",
            "c/.helmignore": "x.yaml\n",
            "c/x.yaml": PAUSE,
            ".gitignore": "ignored.yaml\n",
            "ignored.yaml": PAUSE,
            ".regfix.yaml": "# k8s.gcr.io/x\nexclude: [excluded.yaml]\n",
            "excluded.yaml": PAUSE,
        },
    )
    os.symlink("a", project / "link")
    os.mkfifo(project / "fifo.yaml")
    return project
