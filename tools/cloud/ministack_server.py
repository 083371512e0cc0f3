"""Run ministack so that Docker can push to its ECR; started by `cloud.py` in ministack's own venv.

`GATEWAY_PORT` names the port. ministack's ECR gives out the names of AWS's registries, which no
Docker engine of ours can reach; the same registry also answers on the loopback port.
"""

import base64
import importlib
import json
import os
import time
from typing import Any

REGISTRY = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"


def _repo_uri(name: str) -> str:
    return f"{REGISTRY}/{name}"


def main() -> None:
    """Override three functions of ministack 1.5.33 and start its server."""
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

    ecr._get_download_url_for_layer = get_download_url_for_layer  # noqa: SLF001 - the same
    ecr._repo_uri = _repo_uri  # noqa: SLF001 - ministack has no setting for it
    ecr._get_authorization_token = get_authorization_token  # noqa: SLF001 - the same
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    print(json.dumps({"registry": REGISTRY}), flush=True)
    main()
