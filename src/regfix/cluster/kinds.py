"""Which resources of a cluster may name images, owners before what they own.

Custom resources are those whose fields regfix knows (docs/reference/what-is-found.md) and those with pod templates or
images in well-known operators. Others are named by the user, in the settings (`fields`) or by `--resource`.
"""

from __future__ import annotations

from typing import NamedTuple


class Resource(NamedTuple):
    """A type of the API: `version` is group and version as in `apiVersion`, `plural` its name in paths."""

    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        """The group, empty for the core."""
        return self.version.rpartition("/")[0]

    @property
    def title(self) -> str:
        """The name as kubectl takes it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


BUILT_IN = (
    Resource("batch/v1", "cronjobs", "CronJob"),
    Resource("apps/v1", "deployments", "Deployment"),
    Resource("apps/v1", "replicasets", "ReplicaSet"),
    Resource("apps/v1", "statefulsets", "StatefulSet"),
    Resource("apps/v1", "daemonsets", "DaemonSet"),
    Resource("v1", "replicationcontrollers", "ReplicationController"),
    Resource("batch/v1", "jobs", "Job"),
    Resource("v1", "pods", "Pod"),
)

RANK = {resource.kind: rank for rank, resource in enumerate(BUILT_IN, 1)}
"""The order of the kinds; custom resources come first, they own the others."""

SECRETS = Resource("v1", "secrets", "Secret")
CONFIG_MAPS = Resource("v1", "configmaps", "ConfigMap")

CUSTOM = {
    "argoproj.io": {"Application", "ApplicationSet", "ClusterWorkflowTemplate", "CronWorkflow", "Rollout", "Workflow",
                    "WorkflowTemplate"},
    "tekton.dev": {"ClusterTask", "Pipeline", "PipelineRun", "StepAction", "Task", "TaskRun"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "kustomize.toolkit.fluxcd.io": {"Kustomization"},
    "image.toolkit.fluxcd.io": {"ImageRepository"},
    "helm.cattle.io": {"HelmChart", "HelmChartConfig"},
    "operators.coreos.com": {"CatalogSource", "ClusterServiceVersion", "Subscription"},
    "monitoring.coreos.com": {"Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"},
    "serving.knative.dev": {"Configuration", "Revision", "Service"},
    "apps.openshift.io": {"DeploymentConfig"},
    "apps.kruise.io": {"AdvancedCronJob", "BroadcastJob", "CloneSet", "DaemonSet", "StatefulSet"},
    "kubeflow.org": {"MPIJob", "Notebook", "PyTorchJob", "TFJob"},
    "keda.sh": {"ScaledJob"},
    "ray.io": {"RayCluster", "RayJob", "RayService"},
    "sparkoperator.k8s.io": {"ScheduledSparkApplication", "SparkApplication"},
    "opentelemetry.io": {"Instrumentation", "OpenTelemetryCollector"},
    "kops.k8s.io": {"Cluster", "InstanceGroup"},
}  # fmt: skip
"""Kinds of custom resources that name images, by their API group."""
