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
    "actions.github.com": {"AutoscalingListener", "AutoscalingRunnerSet", "EphemeralRunner", "EphemeralRunnerSet"},
    "agones.dev": {"Fleet", "GameServer", "GameServerSet"},
    "apps.kruise.io": {"AdvancedCronJob", "BroadcastJob", "CloneSet", "DaemonSet", "ImageListPullJob",
                       "ImagePullJob", "SidecarSet", "StatefulSet", "UnitedDeployment"},
    "apps.openshift.io": {"DeploymentConfig"},
    "argoproj.io": {"AnalysisRun", "AnalysisTemplate", "Application", "ApplicationSet", "ArgoCD",
                    "ClusterAnalysisTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "EventSource",
                    "Experiment", "Rollout", "Sensor", "Workflow", "WorkflowTemplate"},
    "batch.volcano.sh": {"Job"},
    "bootstrap.cluster.x-k8s.io": {"KubeadmConfig", "KubeadmConfigTemplate"},
    "build.openshift.io": {"BuildConfig"},
    "ceph.rook.io": {"CephCluster"},
    "controlplane.cluster.x-k8s.io": {"KubeadmControlPlane", "KubeadmControlPlaneTemplate"},
    "flink.apache.org": {"FlinkDeployment"},
    "helm.cattle.io": {"HelmChart", "HelmChartConfig"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "image.openshift.io": {"ImageStream"},
    "image.toolkit.fluxcd.io": {"ImageRepository"},
    "jaegertracing.io": {"Jaeger"},
    "jobset.x-k8s.io": {"JobSet"},
    "kafka.strimzi.io": {"Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2", "KafkaNodePool"},
    "keda.sh": {"ScaledJob"},
    "kops.k8s.io": {"Cluster"},
    "kubeflow.org": {"JAXJob", "MPIJob", "Notebook", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob"},
    "kubevirt.io": {"KubeVirt", "VirtualMachine", "VirtualMachineInstance"},
    "kustomize.toolkit.fluxcd.io": {"Kustomization"},
    "leaderworkerset.x-k8s.io": {"LeaderWorkerSet"},
    "minio.min.io": {"Tenant"},
    "monitoring.coreos.com": {"Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"},
    "nvidia.com": {"ClusterPolicy", "NVIDIADriver"},
    "opentelemetry.io": {"Instrumentation", "OpAMPBridge", "OpenTelemetryCollector", "TargetAllocator"},
    "operator.tigera.io": {"Installation"},
    "operators.coreos.com": {"CatalogSource", "ClusterServiceVersion", "Subscription"},
    "pkg.crossplane.io": {"Configuration", "DeploymentRuntimeConfig", "Function", "Provider"},
    "postgresql.cnpg.io": {"Cluster", "ClusterImageCatalog", "ImageCatalog", "Pooler"},
    "rabbitmq.com": {"RabbitmqCluster"},
    "ray.io": {"RayCluster", "RayJob", "RayService"},
    "serving.knative.dev": {"Configuration", "Revision", "Service"},
    "serving.kserve.io": {"ClusterServingRuntime", "InferenceService", "ServingRuntime"},
    "sources.knative.dev": {"ContainerSource"},
    "sparkoperator.k8s.io": {"ScheduledSparkApplication", "SparkApplication"},
    "tekton.dev": {"ClusterTask", "Pipeline", "PipelineRun", "StepAction", "Task", "TaskRun"},
    "trainer.kubeflow.org": {"ClusterTrainingRuntime", "TrainJob", "TrainingRuntime"},
    "triggers.tekton.dev": {"EventListener", "TriggerTemplate"},
}  # fmt: skip
"""Kinds of custom resources that name images, by their API group, as their operators document them.

Machine images (`InstanceGroup` of kOps) and patterns for images (policies of Kyverno) are none.
"""
