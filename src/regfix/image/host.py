"""Hosts of registries: what counts as one, and the names of Docker Hub."""

from __future__ import annotations

DOCKER_HUB = "docker.io"
DOCKER_HUB_API = "registry-1.docker.io"
DOCKER_HUB_HOSTS = frozenset({DOCKER_HUB, "index.docker.io", DOCKER_HUB_API})
"""Every host by which Docker Hub is written; `docker pull` and distribution/reference treat them alike."""


def is_host(component: str) -> bool:
    """Tell whether the first component of a name is a registry, as `splitDockerDomain` decides it.

    Source: https://github.com/distribution/reference/blob/main/normalize.go
    """
    return "." in component or ":" in component or component == "localhost" or component != component.lower()


def normalize_host(host: str) -> str:
    """Return `docker.io` for every host of Docker Hub, else the host itself, its port included."""
    return DOCKER_HUB if host in DOCKER_HUB_HOSTS else host


def normalize_path(host: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the repository's components with the `library` that Docker Hub's official images leave out."""
    if len(path) == 1 and host == DOCKER_HUB:
        return ("library", *path)
    return path
