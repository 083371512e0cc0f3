"""Runs ministack so that Docker can push to its ECR; started by `cloud.py` in ministack's venv.

`GATEWAY_PORT` is the port. ministack's ECR returns the names of AWS's registries, which the Docker
engine can't reach; the same registry is also on the loopback port. Its Lambda kills a function's
environments at each update, including those of other versions with requests, and shares
environments between versions of the same image; Lambda does neither (developer guide, "Manage
Lambda function versions": a version's code and settings are immutable).
"""

import base64
import hashlib
import importlib
import json
import os
import time
from typing import Any

REGISTRY = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def _repo_uri(name: str) -> str:
    return f"{REGISTRY}/{name}"


def keep_versions_apart() -> None:
    """Give each version its own environments, and end them only with the function."""
    service: Any = importlib.import_module("ministack.services.lambda_svc")
    of_image, kill = service._warm_pool_key, service._pool_kill_function

    def pool_key(name: str, config: dict[str, Any]) -> str:
        settings = [config.get(one) for one in ("Environment", "ImageConfig", "MemorySize")]
        text = json.dumps(settings, sort_keys=True)
        return f"{of_image(name, config)}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def kill_if_deleted(account: str, name: str) -> None:
        if name not in service._functions:
            kill(account, name)

    service._warm_pool_key = pool_key
    service._pool_kill_function = kill_if_deleted


def name_images_as_ecr(ecr: Any) -> None:
    """Let a manifest that the API puts be pulled, and a deleted tag leave the image its others.

    ECR API reference, PutImage and BatchDeleteImage: "If you remove the last tag from an image,
    the image is deleted".
    """
    put, delete = ecr._put_image, ecr._batch_delete_image

    def put_image(data: dict[str, Any]) -> Any:
        raw = data.get("imageManifest", "").encode()
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        ecr._manifest_blobs.setdefault(data.get("repositoryName", ""), {})[digest] = raw
        return put(data)

    def batch_delete_image(data: dict[str, Any]) -> Any:
        images = ecr._images.get(data.get("repositoryName", ""), [])
        rest = []
        for wanted in data.get("imageIds", []):
            tag = "" if "imageDigest" in wanted else wanted.get("imageTag", "")
            found = [one["imageTags"] for one in images if tag in one.get("imageTags", [])]
            if found and len(found[0]) > 1:
                found[0].remove(tag)
            else:
                rest.append(wanted)
        return delete({**data, "imageIds": rest})

    ecr._put_image, ecr._batch_delete_image = put_image, batch_delete_image


def main() -> None:
    """Override some functions of ministack 1.5.33 and start its server."""
    ecr: Any = importlib.import_module("ministack.services.ecr")
    responses = importlib.import_module("ministack.core.responses")

    def get_authorization_token(_data: dict[str, Any]) -> Any:
        authorization = {
            "authorizationToken": base64.b64encode(b"AWS:emulated-ecr-token").decode(),
            "expiresAt": int(time.time()) + 12 * 3600,
            "proxyEndpoint": f"http://{REGISTRY}",
        }
        return responses.json_response({"authorizationData": [authorization]})

    def get_download_url_for_layer(data: dict[str, Any]) -> Any:
        digest = data["layerDigest"]
        url = f"http://{REGISTRY}/v2/{data['repositoryName']}/blobs/{digest}"
        return responses.json_response({"downloadUrl": url, "layerDigest": digest})

    ecr._get_download_url_for_layer = get_download_url_for_layer
    ecr._repo_uri = _repo_uri
    ecr._get_authorization_token = get_authorization_token
    name_images_as_ecr(ecr)
    keep_versions_apart()
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    print(json.dumps({"registry": REGISTRY}), flush=True)
    main()
