"""The texts of the benchmark's trees: invented manifests, charts and prose of the sizes that projects have.

Every function takes a random generator and the hosts that its image references may use, so that one kind of
file can be made with or without a match. Texts that hold no reference ignore the hosts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random

Hosts = Sequence[str]
Kind = Callable[[Random, Hosts], str]

OTHER_HOSTS = ("quay.io", "ghcr.io", "docker.io", "registry.k8s.io", "registry.example.com:5000")
WORDS = (
    "amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "juniper", "kestrel",
    "lagoon", "meadow", "nimbus", "orchid", "pebble", "quartz", "ridge", "spruce", "thicket", "umber",
    "valley", "willow", "yarrow", "zephyr",
)  # fmt: skip
COMPONENTS = WORDS[:12]
"""What the values of a chart may name, and its template therefore reads."""
ROLES = (
    "api",
    "worker",
    "proxy",
    "cache",
    "metrics",
    "scheduler",
    "gateway",
    "exporter",
    "sidecar",
    "loader",
)
VERBS = (
    "collects",
    "forwards",
    "stores",
    "checks",
    "splits",
    "signs",
    "counts",
    "merges",
    "expires",
    "serves",
)


def name(rng: Random) -> str:
    """An invented name of a workload."""
    return f"{rng.choice(WORDS)}-{rng.choice(ROLES)}"


def reference(rng: Random, hosts: Hosts) -> str:
    """An image reference at one of the hosts."""
    tag = f"v{rng.randint(0, 4)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}"
    return f"{rng.choice(hosts)}/{rng.choice(WORDS)}/{rng.choice(ROLES)}:{tag}"


def sentence(rng: Random) -> str:
    """A line of prose."""
    end = f"before the {rng.choice(ROLES)} of {rng.choice(WORDS)} {rng.choice(VERBS)} the rest"
    return f"The {rng.choice(WORDS)} {rng.choice(ROLES)} {rng.choice(VERBS)} its records {end}."


def indented(text: str, width: int) -> str:
    """The text moved to the right; empty lines stay empty."""
    pad = " " * width
    return "".join(pad + line if line.strip() else line for line in text.splitlines(keepends=True))


def metadata(rng: Random, kind: str, version: str) -> str:
    """The head of a manifest."""
    own = name(rng)
    return (
        f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {own}\n  namespace: {rng.choice(WORDS)}\n"
        f"  labels:\n    app.kubernetes.io/name: {own}\n    app.kubernetes.io/part-of: {rng.choice(WORDS)}\n"
    )


def environment(rng: Random, count: int) -> str:
    """Entries of `env:`; some come from a secret."""
    return "".join(
        f'- name: {rng.choice(WORDS).upper()}_{number}\n  value: "{name(rng)}:{rng.randint(80, 9999)}"\n'
        if number % 3
        else f"- name: TOKEN_{number}\n  valueFrom:\n    secretKeyRef: {{name: {name(rng)}, key: token}}\n"
        for number in range(count)
    )


def container(rng: Random, image: str) -> str:
    """A list item of `containers:`."""
    quote = rng.choice(("", "", '"', "'"))
    port = rng.randint(1024, 9999)
    return (
        f"- name: {name(rng)}\n  image: {quote}{image}{quote}\n  imagePullPolicy: IfNotPresent\n"
        f"  args:\n  - --listen=:{port}\n  - --level={rng.choice(('info', 'debug'))}\n"
        f"  ports:\n  - containerPort: {port}\n    name: {rng.choice(ROLES)}\n"
        f"  env:\n{indented(environment(rng, rng.randint(0, 9)), 2)}"
        f"  resources:\n    limits: {{cpu: {rng.randint(1, 9)}00m, memory: {rng.randint(1, 9)}0Mi}}\n"
        f"  livenessProbe:\n    httpGet: {{path: /healthz, port: {port}}}\n    periodSeconds: 10\n"
    )


def pod_template(rng: Random, images: Sequence[str]) -> str:
    """What stands below `template:` of a workload."""
    containers = "".join(container(rng, image) for image in images)
    return (
        f"metadata:\n  labels:\n    app.kubernetes.io/name: {name(rng)}\nspec:\n"
        f"  serviceAccountName: {name(rng)}\n  containers:\n{indented(containers, 2)}"
        f"  volumes:\n  - name: scratch\n    emptyDir: {{}}\n"
    )


def workload_of(rng: Random, images: Sequence[str]) -> str:
    """A Deployment with exactly these images."""
    head = f"{metadata(rng, 'Deployment', 'apps/v1')}spec:\n  replicas: {rng.randint(1, 5)}\n"
    return f"{head}  template:\n{indented(pod_template(rng, images), 4)}"


def workload(rng: Random, hosts: Hosts) -> str:
    """A Deployment with one to five containers; some have an older image commented out."""
    text = workload_of(rng, [reference(rng, hosts) for _ in range(rng.randint(1, 5))])
    if rng.random() < 0.1:
        text += f"      # - name: spare\n      #   image: {reference(rng, hosts)}\n"
    return text


def cron_job(rng: Random, hosts: Hosts) -> str:
    """A CronJob; some name a second image in an argument."""
    text = container(rng, reference(rng, hosts))
    if rng.random() < 0.2:
        text = text.replace("  args:\n", f"  args:\n  - --helper-image={reference(rng, hosts)}\n")
    return (
        f"{metadata(rng, 'CronJob', 'batch/v1')}spec:\n  schedule: '{rng.randint(0, 59)} 3 * * *'\n"
        f"  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n"
        f"          containers:\n{indented(text, 10)}"
    )


def pod_json(rng: Random, hosts: Hosts) -> str:
    """A Pod as JSON."""
    containers = [{"name": name(rng), "image": reference(rng, hosts), "args": ["--once", sentence(rng)]}]
    labels = {word: rng.choice(WORDS) for word in rng.sample(WORDS, 6)}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name(rng), "labels": labels}}
    return json.dumps({**pod, "spec": {"containers": containers}}, indent=2) + "\n"


def values_section(rng: Random, hosts: Hosts) -> str:
    """One component of a values file; the registry stands apart in some."""
    host, _, rest = reference(rng, hosts).partition("/")
    repository, _, tag = rest.rpartition(":")
    split = f"    registry: {host}\n    repository: {repository}\n"
    image = split if rng.random() < 0.4 else f"    repository: {host}/{repository}\n"
    settings = "".join(
        f"    {rng.choice(WORDS)}{number}: {rng.randint(1, 900)}\n" for number in range(rng.randint(2, 9))
    )
    return (
        f"  # {sentence(rng)}\n  image:\n{image}    tag: {tag}\n    pullPolicy: IfNotPresent\n"
        f"  # {sentence(rng)}\n  replicas: {rng.randint(1, 5)}\n  settings:\n{settings}"
        f"  nodeSelector: {{}}\n  tolerations: []\n  affinity: {{}}\n"
    )


def values(rng: Random, hosts: Hosts) -> str:
    """A chart's values.yaml with one to twelve components."""
    components = rng.sample(COMPONENTS, rng.randint(1, 12))
    return f"# {sentence(rng)}\n\n" + "\n".join(f"{word}:\n{values_section(rng, hosts)}" for word in components)


def known_images() -> str:
    """Entries of `env:` that tell a chart's program the image of each component, where it has one."""
    return "".join(
        f"{{{{- with .Values.{component} }}}}\n- name: IMAGE_OF_{component.upper()}\n"
        f'  value: "{{{{ $.Values.{component}.image.registry }}}}/{{{{ $.Values.{component}.image.repository }}}}"\n'
        "{{- end }}\n"
        for component in COMPONENTS
    )


def template(rng: Random, hosts: Hosts) -> str:
    """A chart's template; the image is partly an action, and what the values say of images is read."""
    component = rng.choice(COMPONENTS)
    image = f"{reference(rng, hosts).rpartition(':')[0]}:{{{{ .Values.{component}.image.tag }}}}"
    guard = f"{{{{- if .Values.{component}.enabled }}}}\n"
    head = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
        f'  name: {{{{ include "{component}.fullname" . }}}}\n  labels:\n'
        f'    {{{{- include "{component}.labels" . | nindent 4 }}}}\nspec:\n'
        f"  replicas: {{{{ .Values.{component}.replicas }}}}\n  template:\n"
    )
    tail = (
        f"      {{{{- with .Values.{component}.nodeSelector }}}}\n      nodeSelector:\n"
        "        {{- toYaml . | nindent 8 }}\n      {{- end }}\n{{- end }}\n"
    )
    pod = pod_template(rng, [image]).replace("    env:\n", f"    env:\n{indented(known_images(), 4)}")
    return guard + head + indented(pod, 4) + tail


def chart(rng: Random, hosts: Hosts) -> str:
    """A Chart.yaml that lists its images in an annotation."""
    return (
        f"apiVersion: v2\nname: {name(rng)}\ndescription: {sentence(rng)}\n"
        f"version: {rng.randint(0, 9)}.{rng.randint(0, 30)}.0\nappVersion: {rng.randint(0, 9)}.1.0\n"
        f"home: https://{rng.choice(WORDS)}.example.org\nannotations:\n  artifacthub.io/images: |\n"
        f"    - name: {name(rng)}\n      image: {reference(rng, hosts)}\n"
    )


def service(rng: Random, _hosts: Hosts) -> str:
    """A Service."""
    ports = "".join(
        f"  - name: {rng.choice(ROLES)}{number}\n    port: {rng.randint(80, 9999)}\n    targetPort: http\n"
        for number in range(rng.randint(1, 4))
    )
    return f"{metadata(rng, 'Service', 'v1')}spec:\n  type: ClusterIP\n  ports:\n{ports}"


def ingress(rng: Random, _hosts: Hosts) -> str:
    """An Ingress."""
    host = f"{rng.choice(WORDS)}.example.org"
    backend = f"service: {{name: {name(rng)}, port: {{number: {rng.randint(80, 9999)}}}}}"
    rule = f"  - host: {host}\n    http:\n      paths:\n      - path: /\n        backend: {{{backend}}}\n"
    return f"{metadata(rng, 'Ingress', 'networking.k8s.io/v1')}spec:\n  rules:\n{rule}"


def config_map(rng: Random, _hosts: Hosts) -> str:
    """A ConfigMap with an ini file and a script in it."""
    lines = "".join(
        f"    {rng.choice(WORDS)}.{rng.choice(ROLES)} = {rng.randint(1, 9999)}\n" for _ in range(rng.randint(4, 190))
    )
    script = f"  start.sh: |\n    #!/bin/sh\n    # {sentence(rng)}\n    exec /bin/{rng.choice(ROLES)} --once\n"
    return f"{metadata(rng, 'ConfigMap', 'v1')}data:\n  {rng.choice(WORDS)}.ini: |\n{lines}{script}"


def role(rng: Random, _hosts: Hosts) -> str:
    """A ClusterRole and its binding, two documents."""
    rules = "".join(
        f"- apiGroups: [{name(rng)}.example.org]\n  resources: [{name(rng)}s]\n  verbs: [get]\n"
        for _ in range(rng.randint(2, 9))
    )
    version = "rbac.authorization.k8s.io/v1"
    binding = f"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: {name(rng)}\n"
    first = f"{metadata(rng, 'ClusterRole', version)}rules:\n{rules}"
    return f"{first}---\n{metadata(rng, 'ClusterRoleBinding', version)}{binding}"


def resource_definition(rng: Random, _hosts: Hosts) -> str:
    """A long CustomResourceDefinition."""
    properties = "".join(
        f"{word}{number}:\n  description: {sentence(rng)}\n  type: {rng.choice(('string', 'integer'))}\n"
        for number, word in enumerate(rng.choices(WORDS, k=rng.randint(15, 55)))
    )
    schema = f"openAPIV3Schema:\n  type: object\n  properties:\n{indented(properties, 4)}"
    version = f"  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n{indented(schema, 6)}"
    head = metadata(rng, "CustomResourceDefinition", "apiextensions.k8s.io/v1")
    return f"{head}spec:\n  group: {rng.choice(WORDS)}.example.org\n  scope: Namespaced\n{version}"


def helpers(rng: Random, _hosts: Hosts) -> str:
    """The named templates of a chart."""
    part = '{{{{/* {} */}}}}\n{{{{- define "{}.{}" -}}}}\n{{{{- .Release.Name | trunc {} }}}}\n{{{{- end }}}}\n'
    word = rng.choice(WORDS)
    return "".join(part.format(sentence(rng), word, own, rng.randint(20, 63)) for own in rng.sample(ROLES, 5))


def prose(rng: Random, _hosts: Hosts) -> str:
    """A README or the notes of a chart."""
    paragraphs = (" ".join(sentence(rng) for _ in range(rng.randint(2, 6))) for _ in range(rng.randint(1, 20)))
    return f"# {name(rng)}\n\n" + "\n\n".join(paragraphs) + "\n"


def item_list(rng: Random, hosts: Hosts) -> Iterator[str]:
    """An endless `kind: List`: one document, an item at a time."""
    yield "apiVersion: v1\nkind: List\nitems:\n"
    while True:
        yield "- " + indented(workload(rng, hosts), 2)[2:]


def bundle(rng: Random, hosts: Hosts) -> Iterator[str]:
    """An endless stream of documents as a renderer prints them."""
    while True:
        yield "---\n" + rng.choice((workload, workload, cron_job, service))(rng, hosts)
