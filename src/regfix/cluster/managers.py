"""Who brings an object to the cluster, by its labels and annotations: Argo CD, Flux, Helm. Pure.

Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/ (annotation, or label; applications in
other namespaces as `NAMESPACE_NAME`), https://fluxcd.io/flux/components/kustomize/kustomizations/ and
https://fluxcd.io/flux/components/helm/helmreleases/ (labels with name and namespace), pkg/action/validate.go of
https://github.com/helm/helm (annotations with name and namespace of the release).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cluster.model import Identity, Provenance
from regfix.cluster.objects import mapping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from regfix.cluster.model import ApiObject

_ARGO, _KUSTOMIZE, _FLUX = "argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
_HELM = "meta.helm.sh"
_BY = {_ARGO: "argo-cd", _KUSTOMIZE: "flux", _FLUX: "flux", _HELM: "helm"}
_LABELS = (("Kustomization", _KUSTOMIZE), ("HelmRelease", _FLUX))


def is_application(who: Identity) -> bool:
    """Tell whether an object is an application of Argo CD."""
    return who.kind == "Application" and who.api_version.startswith(f"{_ARGO}/")


def managers_of(one: ApiObject, cluster: str, applications: Collection[str] = ()) -> tuple[Identity, ...]:
    """Return the objects of Argo CD and Flux that bring an object, and its Helm release.

    The label that Argo CD may use is that of many charts, too; it counts where an application has this name.
    """
    metadata = mapping(one.get("metadata"))
    labels, annotations = mapping(metadata.get("labels")), mapping(metadata.get("annotations"))
    if not labels and not annotations:
        return ()
    return tuple(_managers(labels, annotations, cluster, applications))


def _managers(
    labels: ApiObject, annotations: ApiObject, cluster: str, applications: Collection[str]
) -> Iterator[Identity]:
    for kind, group in _LABELS:
        name = labels.get(f"{group}/name")
        if isinstance(name, str):
            yield Identity(cluster, group, kind, str(labels.get(f"{group}/namespace") or ""), name)
    tracking, own = annotations.get("argocd.argoproj.io/tracking-id"), labels.get("argocd.argoproj.io/instance")
    common = labels.get("app.kubernetes.io/instance")
    said = str(tracking).partition(":")[0] if tracking else own or (common if common in applications else "")
    if said:
        namespace, _, name = str(said).rpartition("_")  # names of the API have no such sign
        yield Identity(cluster, _ARGO, "Application", namespace, name)
    release = annotations.get(f"{_HELM}/release-name")
    if isinstance(release, str):
        yield Identity(cluster, _HELM, "release", str(annotations.get(f"{_HELM}/release-namespace") or ""), release)


def told_manager(who: Identity) -> Provenance:
    """Return what is told of a manager."""
    name = f"{who.namespace}/{who.name}" if who.namespace else who.name
    return Provenance(_BY[who.api_version], f"{who.kind} {name}")
