"""Which keys speak of images, and what they say."""

from __future__ import annotations

import pytest

from regfix.locate.words import Role, holds_registry, is_image_word, key_role, words


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("image", ("image",)),
        ("initImageTag", ("init", "image", "tag")),
        ("init_image_tag", ("init", "image", "tag")),
        ("init-image.tag", ("init", "image", "tag")),
        ("INIT_IMAGE_TAG", ("init", "image", "tag")),
        ("InitImageTag", ("init", "image", "tag")),
        ("HTTPImage", ("http", "image")),
        ("imageHTTP", ("image", "http")),
        ("image2Tag", ("image", "2", "tag")),
        ("kube-rbac-proxy/image", ("kube", "rbac", "proxy", "image")),
        ("", ()),
        ("___", ()),
        ("日本", ()),
    ],
)
def test_words_of_a_key(key: str, expected: tuple[str, ...]) -> None:
    assert words(key) == expected


@pytest.mark.parametrize(
    ("key", "role", "stem"),
    [
        ("image", Role.REFERENCE, ()),
        ("containerImage", Role.REFERENCE, ()),
        ("dockerImage", Role.REFERENCE, ()),
        ("IMAGE", Role.REFERENCE, ()),
        ("initImage", Role.REFERENCE, ("init",)),
        ("kube_rbac_proxy_image", Role.REFERENCE, ("kube", "rbac", "proxy")),
        ("registry", Role.REGISTRY, ()),
        ("imageRegistry", Role.REGISTRY, ()),
        ("image_registry", Role.REGISTRY, ()),
        ("defaultRegistry", Role.REGISTRY, ()),
        ("sidecarRegistry", Role.REGISTRY, ("sidecar",)),
        ("hub", Role.REGISTRY, ()),
        ("registryUrl", Role.HOST, ()),
        ("registry_host", Role.HOST, ()),
        ("sidecarRegistryName", Role.HOST, ("sidecar",)),
        ("host", Role.HOST, ()),
        ("repository", Role.REPOSITORY, ()),
        ("repo", Role.REPOSITORY, ()),
        ("imageRepository", Role.REPOSITORY, ()),
        ("sidecarImageRepository", Role.REPOSITORY, ("sidecar",)),
        ("tag", Role.TAG, ()),
        ("imageTag", Role.TAG, ()),
        ("imageVersion", Role.TAG, ()),
        ("digest", Role.DIGEST, ()),
        ("imageDigest", Role.DIGEST, ()),
        ("name", Role.NAME, ()),
        ("imageName", Role.NAME, ()),
    ],
)
def test_keys_of_images(key: str, role: Role, stem: tuple[str, ...]) -> None:
    found = key_role(key)
    assert found is not None
    assert (found.role, found.stem) == (role, stem)


@pytest.mark.parametrize(
    "key",
    [
        "", "images", "imagine", "imagePullSecrets", "imagePullSecret", "image_id", "imageSize", "vmImage", "vm_image", "amiImage", "osImage",
        "machineImage", "diskImage", "bootImage", "coverImage", "backgroundImage", "ogImage", "logoImage", "iconImage", "socialImage",
        "registries", "repositories", "tags", "hubs", "github", "imagePullSecretName", "fullName", "nameOverride", "日本", "-",
    ],
)  # fmt: skip
def test_keys_that_say_nothing_about_an_image(key: str) -> None:
    assert key_role(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "registry",
        "imageRegistry",
        "IMAGE_REGISTRY",
        "hub",
        "baseRepo",
        "repository",
        "image",
        "global.images",
        "images",
    ],
)
def test_keys_whose_host_is_a_registry_of_images(key: str) -> None:
    assert holds_registry(key)


@pytest.mark.parametrize(
    "key",
    ["", "host", "domain", "url", "server", "description", "imagePullSecret", "registryCredentials", "registryMirror", "registry-mirrors",
     "insecureRegistry", "imagePolicy", "registryUsername", "github", "name", "value"],
)  # fmt: skip
def test_keys_whose_host_is_something_else(key: str) -> None:
    assert not holds_registry(key)


@pytest.mark.parametrize(
    ("key", "expected"), [("image", True), ("initImages", True), ("IMAGE_TAG", True), ("imagine", False), ("", False)]
)
def test_keys_that_speak_of_images(key: str, expected: bool) -> None:
    assert is_image_word(key) == expected
