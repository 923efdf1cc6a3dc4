"""The catalogue's traps: for each migration what a rule of prefixes alone would get wrong.

A line of the table: the number of the migration, the presets in force, what is written, and what becomes of it, or in
brackets the reason for which it stays. One reference stands for `image: REFERENCE`; what holds a line end is a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import regfix
from regfix.image.catalogue import PRESETS, preset_rules
from support import grow
from support import regfix as run

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """
1   kubernetes                     k8s.gcr.io/kube-apiserver:v1.23.18  registry.k8s.io/kube-apiserver:v1.23.18
1   kubernetes                     k8s.gcr.io/*  [pattern]
1   kubernetes                     https://k8s.gcr.io/v2/  [url]
2   kubernetes                     gcr.io/google_containers/pause:3.0  registry.k8s.io/pause:3.0
2   kubernetes                     gcr.io/google-containers/pause:3.0  registry.k8s.io/pause:3.0
2   kubernetes                     gcr.io/google-container/pause:3.0  [none]
3   kubernetes                     eu.gcr.io/k8s-artifacts-prod/etcd/etcd:3.4  registry.k8s.io/etcd/etcd:3.4
3   kubernetes                     us.gcr.io/google-containers/pause:3.0  [none]
4   kubernetes                     staging-k8s.gcr.io/x:1  [none]
4   kubernetes-staging             staging-k8s.gcr.io/x:1  [kept]
5   kubernetes-staging             gcr.io/k8s-staging-kueue/kueue:latest  [successor]
5   kubernetes-staging             gcr.io/k8s-staging-sig-storage/csi-attacher:v20240603  [successor]
5   kubernetes-staging             us-central1-docker.pkg.dev/k8s-staging-images/kueue/kueue:main  [successor]
6   kubernetes,kubernetes-renamed  k8s.gcr.io/hyperkube:v1.18.2  registry.k8s.io/hyperkube:v1.18.2
6   kubernetes-renamed             registry.k8s.io/hyperkube:v1.19.0  [gone]
6   kubernetes-renamed             registry.k8s.io/hyperkube:v1.18.2  [none]
7   kubernetes                     k8s.gcr.io/etcd-arm64:3.2.24  registry.k8s.io/etcd-arm64:3.2.24
8   kubernetes,kubernetes-renamed  k8s.gcr.io/cluster-autoscaler:v1.17.1  registry.k8s.io/cluster-autoscaler:v1.17.1
8   kubernetes-renamed             registry.k8s.io/cluster-autoscaler:v1.17.1  [successor]
8   kubernetes-renamed             registry.k8s.io/autoscaling/cluster-autoscaler:v1.20.0  [none]
9   kubernetes-renamed             registry.k8s.io/cluster-proportional-autoscaler-amd64:1.8.1  [successor]
10  kubernetes-renamed             registry.k8s.io/kubernetes-dashboard-amd64:v1.10.1  [successor]
10  kubernetes-renamed             kubernetesui/dashboard:v2.7.0  [successor]
11  quay-kubernetes                quay.io/coreos/kube-state-metrics:v1.9.8  registry.k8s.io/kube-state-metrics/kube-state-metrics:v1.9.8
11  quay-kubernetes                quay.io/coreos/kube-state-metrics:v1.9.7  [other-tag]
12  quay-kubernetes                quay.io/kubernetes-ingress-controller/nginx-ingress-controller:0.33.0  [successor]
13  quay-kubernetes                jettech/kube-webhook-certgen:v1.5.1  [successor]
14  quay-kubernetes                quay.io/k8scsi/csi-attacher:v3.0.0  registry.k8s.io/sig-storage/csi-attacher:v3.0.0
15  quay-kubernetes                quay.io/external_storage/nfs-client-provisioner:v3.1.0-k8s1.11  [successor]
16  prometheus                     quay.io/coreos/prometheus-operator:v0.43.0  quay.io/prometheus-operator/prometheus-operator:v0.43.0
16  prometheus                     quay.io/coreos/prometheus-operator:v0.38.1  [other-tag]
17  quay-kubernetes                quay.io/coreos/etcd:v3.5.0  [successor]
17  quay-kubernetes                gcr.io/etcd-development/etcd:v3.5.23  [successor]
18  flannel                        quay.io/coreos/flannel:v0.15.1  [other-tag]
18  flannel                        quay.io/coreos/flannel:v0.17.0  docker.io/flannel/flannel:v0.17.0
18  flannel                        docker.io/flannelcni/flannel:v0.20.0  docker.io/flannel/flannel:v0.20.0
18  flannel                        docker.io/flannel/flannel:v0.26.4  ghcr.io/flannel-io/flannel:v0.26.4
18  flannel                        docker.io/flannel/flannel:v0.26.3  [other-tag]
19  quay-kubernetes                gcr.io/kubebuilder/kube-rbac-proxy:v0.5.0  registry.k8s.io/kubebuilder/kube-rbac-proxy:v0.5.0
19  quay-kubernetes                quay.io/coreos/kube-rbac-proxy:v0.4.1  [successor]
20  gcr                            gcr.io/somebody/app:1  [kept]
21  gcr                            gcr.io/distroless/static:nonroot  [kept]
22  gcr                            gcr.io/google.com/cloudsdktool/cloud-sdk:latest  [kept]
22  gcr                            gcr.io/cockroachlabs-helm-charts/cockroach-self-signer-cert:1.5  [kept]
22  gcr                            mirror.gcr.io/library/busybox:1.36  [kept]
23  tekton                         gcr.io/tekton-releases/github.com/tektoncd/pipeline/cmd/controller:v0.60.0  ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/controller:v0.60.0
23  tekton                         gcr.io/tekton-releases/dogfooding/tkn:latest  [successor]
24  istio                          gcr.io/istio-release/proxyv2:1.29.0  docker.io/istio/proxyv2:1.29.0
24  istio                          registry.istio.io/release/pilot:1.29.0  docker.io/istio/pilot:1.29.0
24  istio                          gcr.io/istio-testing/pilot:latest  [none]
25  kubecost                       gcr.io/kubecost1/frontend:prod-1.2.3  icr.io/kubecost/frontend:1.2.3
25  kubecost                       gcr.io/kubecost1/kubecost-network-costs:v0.17.6  icr.io/kubecost/network-costs:v0.17.6
25  kubecost                       gcr.io/kubecost1/kubecost-modeling:v0.1.34  icr.io/kubecost/modeling:v0.1.34
25  kubecost                       gcr.io/kubecost1/frontend  [unknown-tag]
26  kubecost                       quay.io/kubecost1/kubecost-cost-model:prod-1.108.0  [successor]
27  quay-kubernetes                gcr.io/cloud-provider-vsphere/cpi/release/manager:v1.30.1  registry.k8s.io/cloud-pv-vsphere/cloud-provider-vsphere:v1.30.1
27  quay-kubernetes                gcr.io/cloud-provider-vsphere/cpi/release/manager:v1.27.0  [other-tag]
28  quay-kubernetes                gcr.io/cloud-provider-vsphere/csi/release/driver:v3.3.1  registry.k8s.io/csi-vsphere/driver:v3.3.1
28  quay-kubernetes                gcr.io/cloud-provider-vsphere/csi/release/syncer:v2.5.1  [other-tag]
29  gcr                            gcr.io/cadvisor/cadvisor:v0.54.0  ghcr.io/google/cadvisor:v0.54.0
29  gcr                            gcr.io/cadvisor/cadvisor:v0.49.1  [other-tag]
29  gcr                            google/cadvisor:latest  [other-tag]
30  kubeflow                       gcr.io/ml-pipeline/frontend:2.5.0  ghcr.io/kubeflow/kfp-frontend:2.5.0
30  kubeflow                       gcr.io/ml-pipeline/minio:RELEASE.2019-08-14T20-37-41Z  [gone]
30  gcr                            gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0  [kept]
31  gcr                            gcr.io/spark-operator/spark-operator:v1beta2-1.3.8  [successor]
31  gcr                            docker.io/kubeflow/spark-operator:2.1.0  ghcr.io/kubeflow/spark-operator:2.1.0
32  gcr                            gcr.io/kaniko-project/executor:v1.23.2  [successor]
33  gcr                            gcr.io/google-samples/hello-app:1.0  us-docker.pkg.dev/google-samples/containers/gke/hello-app:1.0
34  gcr                            gcr.io/knative-samples/helloworld-go:latest  ghcr.io/knative/helloworld-go:latest
34  gcr                            gcr.io/knative-releases/knative.dev/serving/cmd/queue:v1.8.0  [kept]
35  gcr                            gcr.io/heptio-images/velero:v1.1.0  docker.io/velero/velero:v1.1.0
35  gcr                            gcr.io/heptio-images/ark:v0.10.2  [successor]
36  gcr                            gcr.io/heptio-images/contour:v0.15.0  ghcr.io/projectcontour/contour:v0.15.0
36  gcr                            gcr.io/heptio-images/contour:v0.14.0  [other-tag]
37  bitnami                        docker.io/bitnami/redis:6.2-debian-10-r1  [other-tag]
37  bitnami                        bitnami/redis:7.0.4-debian-11-r2  bitnamilegacy/redis:7.0.4-debian-11-r2
37  bitnami                        docker.io/bitnami/postgresql:9.6-centos-7  [other-tag]
37  bitnami                        docker.io/bitnami/nginx:latest  [other-tag]
37  bitnami                        docker.io/bitnami/nginx  [unknown-tag]
37  bitnami                        docker.io/bitnami/bitnami-shell:11-debian-11-r60  docker.io/bitnamilegacy/bitnami-shell-archived:11-debian-11-r60
38  bitnami                        docker.io/bitnami/sealed-secrets-controller:v0.30.0  [kept]
38  bitnami                        bitnami/sealed-secrets-kubeseal:v0.30.0  [kept]
39  bitnami                        oci://registry-1.docker.io/bitnamicharts/redis  [kept]
39  bitnami                        https://charts.bitnami.com/bitnami  [kept]
40  bitnami                        public.ecr.aws/bitnami/redis:7.2.4  docker.io/bitnamilegacy/redis:7.2.4
40  bitnami                        public.ecr.aws/bitnami/redis:6.2-debian-10-r1  [other-tag]
41  bitnami                        quay.io/bitnami/redis:7.0.4-debian-11-r2  docker.io/bitnamilegacy/redis:7.0.4-debian-11-r2
41  bitnami                        quay.io/bitnami/sealed-secrets-controller:v0.17.4  docker.io/bitnami/sealed-secrets-controller:v0.17.4
42  minio                          minio/minio:RELEASE.2025-04-22T22-12-26Z  quay.io/minio/minio:RELEASE.2025-04-22T22-12-26Z
42  minio                          docker.io/minio/console:v0.30.0  [gone]
43  gatekeeper                     quay.io/open-policy-agent/gatekeeper:v3.1.0  docker.io/openpolicyagent/gatekeeper:v3.1.0
44  weaveworks                     weaveworks/kured:1.8.2  ghcr.io/kubereboot/kured:1.8.2
44  weaveworks                     docker.io/weaveworks/kured:1.8.1  [other-tag]
45  weaveworks                     quay.io/weaveworks/flux:1.15.0  docker.io/fluxcd/flux:1.15.0
45  weaveworks                     docker.io/fluxcd/flux:1.25.4  [kept]
45  weaveworks                     fluxcd/source-controller:v1.2.0  ghcr.io/fluxcd/source-controller:v1.2.0
46  weaveworks                     ghcr.io/weaveworks/tf-controller:v0.15.1  ghcr.io/flux-iac/tofu-controller:v0.15.1
46  weaveworks                     ghcr.io/weaveworks/tf-runner:v0.15.1  ghcr.io/flux-iac/tf-runner:v0.15.1
47  github                         docker.pkg.github.com/somebody/project/app:1  [successor]
48  external-secrets               godaddy/kubernetes-external-secrets:8.5.0  ghcr.io/external-secrets/kubernetes-external-secrets:8.5.0
49  external-secrets               oci.external-secrets.io/external-secrets/external-secrets:v0.10.0  ghcr.io/external-secrets/external-secrets:v0.10.0
50  vmware                         projects.registry.vmware.com/antrea/antrea-ubuntu:v1.11.0  [successor]
51  prometheus                     jimmidyson/configmap-reload:v0.5.0  [successor]
52  optional                       prom/prometheus:v2.45.0  quay.io/prometheus/prometheus:v2.45.0
52  prometheus                     prom/prometheus:v2.45.0  [none]
53  optional                       kiwigrid/k8s-sidecar:1.28.0  quay.io/kiwigrid/k8s-sidecar:1.28.0
53  optional                       ghcr.io/kiwigrid/k8s-sidecar:1.28.0  [none]
54  optional                       calico/node:v3.27.0  quay.io/calico/node:v3.27.0
55  gcr                            eu.gcr.io/gardener-project/hyperkube:v1.25.0  [successor]
56  renamed                        grafana/grafana-oss:12.1.1  docker.io/grafana/grafana:12.1.1
56  renamed                        grafana/grafana-oss:11.0.0  [other-tag]
57  renamed                        owasp/zap2docker-stable:2.14.0  docker.io/zaproxy/zap-stable:2.14.0
57  renamed                        softwaresecurityproject/zap2docker-stable:2.13.0  [other-tag]
58  renamed                        docker.io/containerbase/base:9.12.0  ghcr.io/containerbase/base:9.12.0
58  renamed                        docker.io/renovate/renovate:39.0.0  [none]
59  renamed                        docker.io/mailu/admin:1.9.50  ghcr.io/mailu/admin:1.9.50
59  renamed                        tootsuite/mastodon:v4.1.0  ghcr.io/mastodon/mastodon:v4.1.0
60  renamed                        quay.io/topolvm/topolvm:0.10.0  ghcr.io/topolvm/topolvm:0.10.0
60  renamed                        quay.io/dexidp/dex:v2.28.0  ghcr.io/dexidp/dex:v2.28.0
60  renamed                        quay.io/shipwright/shipwright-build-controller:v0.8.0  ghcr.io/shipwright-io/shipwright-build-controller:v0.8.0
61  renamed                        akyriako/typesense-operator:0.3.6  quay.io/akyriako/typesense-operator:0.3.6
61  renamed                        akyriako/typesense-operator:0.2.9  [other-tag]
"""
ROWS = [line.split() for line in TABLE.strip().split("\n")]


def outcome(text: str, presets: str) -> tuple[str, list[str]]:
    """Return the text after a rewrite, and why what a rule concerns stays."""
    rules = [rule for name in presets.split(",") for rule in preset_rules(name)]
    done = regfix.rewrite_text(text, rules)
    again = regfix.rewrite_text(done.text, rules)
    assert again.text == done.text
    return done.text, [str(finding.reason) for finding in done.findings if finding.reason is not None]


def short(name: str) -> str:
    """Return a name of Docker Hub without its host, which a short one stays without."""
    return name.removeprefix("docker.io/")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[2]}")
def test_a_trap(row: list[str]) -> None:
    _, presets, written, expected = row
    text = f"image: {written}\n" if "*" not in written else f'allowed: ["{written}"]\n'
    after, reasons = outcome(text, presets)
    if expected.startswith("["):
        assert after == text
        assert reasons == ([] if expected == "[none]" else [expected[1:-1]])
    else:
        moved = expected if written.partition("/")[0].count(".") else short(expected)
        assert (after, reasons) == (f"image: {moved}\n", [])


def test_every_migration_and_every_preset_has_its_traps() -> None:
    assert {int(row[0]) for row in ROWS} == set(range(1, 62))
    assert {name for row in ROWS for name in row[1].split(",")} == set(PRESETS)


DOCUMENTS = {
    "37 split over three keys": (
        "bitnami",
        "image:\n  registry: docker.io\n  repository: bitnami/redis\n  tag: 7.0.4-debian-11-r2\n",
        "image:\n  registry: docker.io\n  repository: bitnamilegacy/redis\n  tag: 7.0.4-debian-11-r2\n",
        [],
    ),
    "40 both halves move": (
        "bitnami",
        "image:\n  registry: public.ecr.aws\n  repository: bitnami/redis\n  tag: 7.2.4\n",
        "image:\n  registry: docker.io\n  repository: bitnamilegacy/redis\n  tag: 7.2.4\n",
        [],
    ),
    "37 split, a tag that was not copied": (
        "bitnami",
        "image:\n  registry: docker.io\n  repository: bitnami/redis\n  tag: 6.2-debian-10-r1\n",
        None,
        ["other-tag"],
    ),
    "37 split, no tag": (
        "bitnami",
        "image:\n  registry: docker.io\n  repository: bitnami/redis\n",
        None,
        ["unknown-tag"],
    ),
    "37 split, an empty tag": (
        "bitnami",
        'image:\n  registry: docker.io\n  repository: bitnami/redis\n  tag: ""\n',
        None,
        ["unknown-tag"],
    ),
    "37 a tag from a template": (
        "bitnami",
        "image: docker.io/bitnami/redis:{{ .Values.tag }}\n",
        None,
        ["unknown-tag"],
    ),
    "37 a part of a tag from a template": (
        "bitnami",
        "image: docker.io/bitnami/redis:7.{{ .Values.minor }}\n",
        None,
        ["unknown-tag"],
    ),
    "37 a digest alone tells no tag": (
        "bitnami",
        f"image: docker.io/bitnami/redis@sha256:{'0a' * 32}\n",
        None,
        ["unknown-tag"],
    ),
    "16 in arguments": (
        "prometheus",
        "args:\n  - --prometheus-config-reloader=quay.io/coreos/prometheus-config-reloader:v0.44.0\n",
        "args:\n  - --prometheus-config-reloader=quay.io/prometheus-operator/prometheus-config-reloader:v0.44.0\n",
        [],
    ),
    "23 in arguments": (
        "tekton",
        'args: ["-entrypoint-image", "gcr.io/tekton-releases/github.com/tektoncd/pipeline/cmd/entrypoint:v0.60.0"]\n',
        'args: ["-entrypoint-image", "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/entrypoint:v0.60.0"]\n',
        [],
    ),
    "24 a hub has no image name": (
        "istio",
        "global:\n  hub: gcr.io/istio-release\n",
        "global:\n  hub: docker.io/istio\n",
        [],
    ),
    "24 the interim hub": (
        "istio",
        "global:\n  hub: registry.istio.io/release\n",
        "global:\n  hub: docker.io/istio\n",
        [],
    ),
    "24 charts go elsewhere than images": (
        "istio",
        "chart: oci://gcr.io/istio-release/charts/base\n",
        "chart: oci://ghcr.io/istio/release/charts/base\n",
        [],
    ),
    "25 the tag has its own key, and would be a number": (
        "kubecost",
        "image:\n  repository: gcr.io/kubecost1/cost-model\n  tag: prod-1.20 # LTS\n",
        'image:\n  repository: icr.io/kubecost/cost-model\n  tag: "1.20" # LTS\n',
        [],
    ),
    "25 keys of one mapping for several images": (
        "kubecost",
        "modelImage: gcr.io/kubecost1/cost-model\nmodelImageTag: prod-1.2.3\nuiImageTag: prod-9.9.9\n",
        "modelImage: icr.io/kubecost/cost-model\nmodelImageTag: 1.2.3\nuiImageTag: prod-9.9.9\n",
        [],
    ),
    "25 a tag that another image shares": (
        "kubecost",
        "a: {repository: gcr.io/kubecost1/server, tag: &t prod-1.2.3}\nb: {repository: quay.io/other/app, tag: *t}\n",
        None,
        ["shared"],
    ),
    "25 a tag that a merge key brings": (
        "kubecost",
        "a: &a {tag: prod-1.2.3}\nb: {<<: *a, repository: gcr.io/kubecost1/server}\nc: {<<: *a, repository: quay.io/x/y}\n",
        None,
        ["shared"],
    ),
    "25 in a comment": (
        "kubecost",
        "# image:\n#   repository: gcr.io/kubecost1/cost-model\n#   tag: prod-1.2.3\nx: 1\n",
        "# image:\n#   repository: icr.io/kubecost/cost-model\n#   tag: 1.2.3\nx: 1\n",
        [],
    ),
    "25 with a digest behind the tag": (
        "kubecost",
        f"image: gcr.io/kubecost1/frontend:prod-1.2.3@sha256:{'0a' * 32}\n",
        f"image: icr.io/kubecost/frontend:1.2.3@sha256:{'0a' * 32}\n",
        [],
    ),
    "25 protected": (
        "kubecost",
        "image:\n  repository: gcr.io/kubecost1/cost-model\n  tag: prod-1.2.3 # regfix: ignore\n",
        None,
        ["ignored"],
    ),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_trap_in_a_document(case: str) -> None:
    presets, before, expected, reasons = DOCUMENTS[case]
    assert outcome(before, presets) == (before if expected is None else expected, reasons)


def test_what_a_move_is_worth_is_told() -> None:
    rules = [*preset_rules("minio"), *preset_rules("bitnami")]
    done = regfix.rewrite_text("- image: minio/mc:1\n- image: bitnami/redis:7.0\n- image: bitnami/redis\n", rules)
    assert [finding.applicability for finding in done.findings] == ["safe", "unverified", None]


def test_the_reason_is_shown_with_what_the_catalogue_knows(tmp_path: Path) -> None:
    grow(
        tmp_path, {"x.yaml": "- image: docker.io/bitnami/redis:6.2-debian-10-r1\n- image: quay.io/coreos/etcd:v3.5.0\n"}
    )
    done = run("rewrite", "--preset", "bitnami", "--preset", "quay-kubernetes", "x.yaml", cwd=tmp_path)
    assert done.code == 0
    assert "x.yaml:1:10: docker.io/bitnami/redis:6.2-debian-10-r1 (tags: not latest, *-debian-8*" in done.err
    assert "x.yaml:2:10: quay.io/coreos/etcd:v3.5.0 (see registry.k8s.io/etcd; tags have another form" in done.err


def test_a_rule_takes_the_place_of_an_entry(tmp_path: Path) -> None:
    grow(tmp_path, {"x.yaml": "image: docker.io/bitnami/redis:6.2-debian-10-r1\n"})
    rule = "docker.io/bitnami=harbor.example.com/bitnami"
    done = run("rewrite", "--preset", "bitnami", "--rule", rule, "x.yaml", cwd=tmp_path)
    assert (done.code, (tmp_path / "x.yaml").read_text()) == (
        0, "image: harbor.example.com/bitnami/redis:6.2-debian-10-r1\n",
    )  # fmt: skip
