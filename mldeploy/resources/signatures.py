"""Signatures of images by a KMS key, stored in ECR in cosign's format.

A signature is an OCI manifest with the tag `sha256-<digest>.sig` whose layers are the signed texts
("simple signing"); `cosign verify --key awskms:///<ARN>` reads it. Sources:
https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md and, for the text,
https://github.com/containers/image/blob/main/docs/containers-signature.5.md.
"""

import base64
import binascii
import json
from contextlib import suppress
from typing import Any

from mldeploy.aws.errors import error_code, error_message
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.facts.media_types import OCI_CONFIGURATION, OCI_MANIFEST
from mldeploy.images.attachments import fallback_tag
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import blob_of, read_manifest, repository_uri, untag
from mldeploy.resources.manifests import Manifest
from mldeploy.text.digests import registry_digest

ACTIONS = ("kms:Sign", "kms:Verify")
_ALGORITHM = "ECDSA_SHA_256"
"""For an ECC_NIST_P256 key, the only type that cosign accepts from KMS by default."""
_TEXT = "application/vnd.dev.cosign.simplesigning.v1+json"
_SIGNATURE = "dev.cosignproject.cosign/signature"
_TYPE = "cosign container image signature"
_TAG = "mldeploy.tag"
"""The signed tag of the image, so that no old image and no other project's can replace it."""
_THERE = {"ImageAlreadyExistsException", "ImageTagAlreadyExistsException"}
_MOST_SIGNATURES = 20
_LONGEST = 64_000
_TEXTS: dict[str, bytes] = {}
"""Cached by digest: such a text never changes, and every resource of a plan reads it."""
_ERRORS = 300


def signature_tag(digest: str) -> str:
    """Return the tag of an image's signatures."""
    return f"{fallback_tag(digest)}.sig"


def signed_text(repository_address: str, digest: str, tag: str) -> bytes:
    """Return the text to sign for an image.

    Args:
        repository_address: registry and repository, without a tag.
        digest: of the image's manifest.
        tag: of the image.
    """
    critical = {
        "identity": {"docker-reference": repository_address},
        "image": {"docker-manifest-digest": digest},
        "type": _TYPE,
    }
    text = {"critical": critical, "optional": {_TAG: tag}}
    return json.dumps(text, separators=(",", ":"), sort_keys=True).encode()


def sign(repository: str, digest: str, tag: str, context: Context) -> None:
    """Sign an image with the project's key, unless it is signed.

    Raises:
        MldeployError: MLD320 if KMS doesn't sign.
    """
    if not signature_problem(repository, digest, context.reads, tag=tag):
        return
    text = signed_text(repository_uri(repository, context.reads), digest, tag)
    signature = _signature(text, context)
    old = read_manifest(repository, {"imageTag": signature_tag(digest)}, context.reads)
    layers = [*(_layers(old) if old else ()), _layer(repository, text, signature, context)]
    manifest = _manifest(repository, layers, context)
    if old:
        # The repository's tags are immutable.
        untag(repository, [signature_tag(digest)], context)
    try:
        context.clients.ecr.put_image(
            repositoryName=repository,
            imageManifest=manifest.text,
            imageManifestMediaType=OCI_MANIFEST,
            imageTag=signature_tag(digest),
            imageDigest=manifest.digest,
        )
    except Exception as error:
        if error_code(error) not in _THERE:
            raise


def signature_problem(repository: str, digest: str, reads: Reads, *, tag: str | None = None) -> str:
    """Return why an image isn't signed by the project's key, or "".

    Args:
        repository: its name.
        digest: of the image's manifest.
        reads: of ECR and KMS.
        tag: that must be signed; None for any.
    """
    found = read_manifest(repository, {"imageTag": signature_tag(digest)}, reads)
    if found is None:
        return "it has no signature"
    address = repository_uri(repository, reads)
    why = "its signature can't be read"
    for layer in _layers(found)[-_MOST_SIGNATURES:]:
        text = _blob(repository, layer, reads)
        if text is None:
            continue
        why = _wrong_text(text, address, digest, tag)
        if not why and _is_by_our_key(text, layer, reads):
            return ""
        why = why or "its signature isn't one of the key in [sign]"
    return why


def require_signed(function: str, version: str, reads: Reads) -> None:
    """Refuse a version whose image isn't signed by the project's key, if there is a key.

    Raises:
        MldeployError: MLD319.
    """
    if not reads.trust.key:
        return
    answer = reads.read("lambda", "get_function", FunctionName=function, Qualifier=version)
    code = answer["Code"] if answer else {}
    uri, _, digest = str(code.get("ResolvedImageUri", "")).partition("@")
    repository = uri.partition("/")[2]
    why = signature_problem(repository, digest, reads) if digest else "its image isn't known"
    if why:
        raise MldeployError(
            "MLD319",
            f"version {version} of {function} runs {repository}@{digest}, which isn't signed by "
            f"the key in [sign]: {why}",
            "`mldeploy push` builds and signs the image of the bundle, where the caller may use "
            "the key; a release from before [sign] was set can be served by taking the key out",
            exit_code=ExitCode.FAILURE,
        )


def _wrong_text(text: bytes, address: str, digest: str, tag: str | None) -> str:
    """Return why a signed text doesn't match the image, or ""."""
    try:
        found = json.loads(text)
        critical = found["critical"]
        said = critical["image"]["docker-manifest-digest"], critical["type"]
        place, stands_for = critical["identity"]["docker-reference"], found["optional"][_TAG]
    except (KeyError, TypeError, ValueError, RecursionError):
        return "what was signed can't be read"
    if said != (digest, _TYPE):
        return f"what was signed is {said[0]}"
    if place != address:
        return f"it was signed for {place}"
    return "" if tag in {None, stands_for} else f"it was signed as {stands_for}"


def _is_by_our_key(text: bytes, layer: dict[str, Any], reads: Reads) -> bool:
    """Return whether KMS verifies a signature with the project's key."""
    try:
        encoded = layer["annotations"][_SIGNATURE]
        signature = base64.b64decode(encoded, validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return False
    try:
        answer = reads.read(
            "kms",
            "verify",
            KeyId=reads.trust.key,
            Message=text,
            MessageType="RAW",
            Signature=signature,
            SigningAlgorithm=_ALGORITHM,
        )
    except Exception as error:
        if error_code(error) == "KMSInvalidSignatureException":
            return False
        raise _kms_error("verify", error, reads) from error
    return bool(answer and answer.get("SignatureValid") is True)


def _signature(text: bytes, context: Context) -> bytes:
    try:
        answer = context.clients.client("kms").sign(
            KeyId=context.trust.key,
            Message=text,
            MessageType="RAW",
            SigningAlgorithm=_ALGORITHM,
        )
    except Exception as error:
        raise _kms_error("sign", error, context.reads) from error
    return bytes(answer["Signature"])


def _kms_error(what: str, error: Exception, reads: Reads) -> Exception:
    """Return the error for a key with another usage, or one that the caller may not use."""
    if not error_code(error):
        return error
    return MldeployError(
        "MLD320",
        f"KMS doesn't {what} with {reads.trust.key}: {error_message(error)[:_ERRORS]}",
        "the key must be of the spec ECC_NIST_P256 for SIGN_VERIFY, in this region, and allow the "
        f"caller kms:{what.title()}; `mldeploy iam policy` has both actions",
        exit_code=ExitCode.PERMISSION if "Denied" in error_code(error) else ExitCode.FAILURE,
    )


def _layers(manifest: Manifest) -> list[dict[str, Any]]:
    found = manifest.content.get("layers")
    layers = found if isinstance(found, list) else []
    return [one for one in layers if isinstance(one, dict) and one.get("mediaType") == _TEXT]


def _layer(repository: str, text: bytes, signature: bytes, context: Context) -> dict[str, Any]:
    return {
        "mediaType": _TEXT,
        "size": len(text),
        "digest": _upload(repository, text, context),
        "annotations": {_SIGNATURE: base64.b64encode(signature).decode()},
    }


def _manifest(repository: str, layers: list[dict[str, Any]], context: Context) -> Manifest:
    configuration = {
        "architecture": "",
        "os": "",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [one["digest"] for one in layers]},
    }
    text = json.dumps(configuration, separators=(",", ":"), sort_keys=True).encode()
    content = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": OCI_CONFIGURATION,
            "size": len(text),
            "digest": _upload(repository, text, context),
        },
        "layers": layers,
    }
    return Manifest(json.dumps(content, separators=(",", ":")), OCI_MANIFEST)


def _upload(repository: str, content: bytes, context: Context) -> str:
    """Upload a small text to ECR and return its digest (ECR API reference, InitiateLayerUpload)."""
    digest = registry_digest(content)
    ecr = context.clients.ecr
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=repository,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=len(content) - 1,
        layerPartBlob=content,
    )
    try:
        ecr.complete_layer_upload(repositoryName=repository, uploadId=upload, layerDigests=[digest])
    except Exception as error:
        if error_code(error) != "LayerAlreadyExistsException":
            raise
    return digest


def _blob(repository: str, layer: dict[str, Any], reads: Reads) -> bytes | None:
    """Return a small text from ECR if it matches its digest."""
    digest, size = str(layer.get("digest", "")), layer.get("size")
    if not isinstance(size, int) or size > _LONGEST:
        return None
    if digest in _TEXTS:
        return _TEXTS[digest]
    with suppress(MldeployError):
        text = blob_of(repository, digest, reads).encode()
        if registry_digest(text) == digest:
            _TEXTS[digest] = text
            return text
    return None
