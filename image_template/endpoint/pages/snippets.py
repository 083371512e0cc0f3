"""Code that sends a request, for people to copy: in a shell, in Python, in JavaScript."""

import json
import os
import re
import shlex
from dataclasses import dataclass
from typing import Any

from endpoint.pages.html import attribute, text

_LITERALS = {"true": "True", "false": "False", "null": "None"}
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|true|false|null')
_SIGNED = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"


@dataclass(frozen=True)
class Target:
    """Where a request goes.

    Attributes:
        url: of the route.
        auth: of the API: "iam", "jwt" or "".
        live: whether the script keeps the code in step with the form.
    """

    url: str
    auth: str = ""
    live: bool = False

    @property
    def region(self) -> str:
        """The region, for signatures."""
        return os.environ.get("AWS_REGION", "us-east-1")


def compact(body: Any) -> str:
    """Return a body as JSON on one line."""
    return json.dumps(body, ensure_ascii=False)


def shell(body: str) -> str:
    """Return a text as a word of a shell."""
    return shlex.quote(body)


def python(body: str) -> str:
    """Return JSON as a Python literal."""
    return _TOKENS.sub(lambda found: _LITERALS.get(found[0], found[0]), body)


def javascript(body: str) -> str:
    """Return a text as a string of JavaScript: a number in it keeps all of its digits."""
    escaped = body.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def tabs(label: str, panels: list[tuple[str, str]], key: str) -> str:
    """Return tabs; without the script each panel stands below the other with its name.

    Args:
        label: of the list of tabs.
        panels: (name, HTML).
        key: prefix of the ids, unique in the page.
    """
    buttons = "".join(
        f'<button type="button" role="tab" id="{key}-t{n}" aria-controls="{key}-p{n}" '
        f'aria-selected="{"false" if n else "true"}" tabindex="{-1 if n else 0}">'
        f"{text(name)}</button>"
        for n, (name, _) in enumerate(panels)
    )
    bodies = "".join(
        f'<div role="tabpanel" id="{key}-p{n}" aria-labelledby="{key}-t{n}"'
        f"{' class=rest' if n else ''}>{body}</div>"
        for n, (_, body) in enumerate(panels)
    )
    return (
        f'<div class="tabs"><div role="tablist" aria-label="{attribute(label)}">{buttons}</div>'
        f"{bodies}</div>"
    )


def code(content: str) -> str:
    """Return code with a button that copies it; `content` is HTML."""
    return (
        f'<div class="code"><pre>{content}</pre>'
        '<button type="button" class="copy" hidden>Copy</button></div>'
    )


def calls(target: Target, body: Any) -> list[tuple[str, str]]:
    """Return the panels for a JSON body: curl, Python and JavaScript."""
    said = compact(body)
    ways = (
        ("curl", _curl(target), "shell", shell(said)),
        ("Python", _python(target), "python", python(said)),
        ("JavaScript", _javascript(target), "javascript", javascript(said)),
    )
    found = []
    for name, around, form, written in ways:
        before, after = around.split("BODY")
        kind = f' data-body="{form}"' if target.live else ""
        middle = text(written).replace("<bdi>", f"<bdi{kind}>", 1)
        found.append((name, code(_plain(before) + middle + _plain(after))))
    return found


def clients(openapi: str, auth: str) -> str:
    """Return the commands that generate a client from the document at a URL."""
    source = "--path openapi.json" if auth else f"--url {shell(openapi)}"
    document = "openapi.json" if auth else shell(openapi)
    lines = [
        f"openapi-python-client generate {source}",
        f"npx openapi-typescript {document} --output model.d.ts",
    ]
    if auth:
        lines.insert(0, "# openapi.json is the document, read with credentials")
    return code(_plain("\n".join(lines)))


def curl(target: Target, body: str, content_type: str) -> str:
    """Return a command for a body of any content type; --data-binary keeps its line breaks."""
    kind = f"-H 'content-type: {content_type}' --data-binary"
    return f"curl {_credentials(target)}{kind} {shell(body)} {shell(target.url)}"


def _plain(content: str) -> str:
    return text(content) if content else ""


def _credentials(target: Target) -> str:
    match target.auth:
        case "jwt":
            return '-H "authorization: Bearer $TOKEN" '
        case "iam":
            return (
                f'--aws-sigv4 "aws:amz:{target.region}:execute-api" --user "{_SIGNED}" \\\n'
                '  -H "x-amz-security-token: $AWS_SESSION_TOKEN" '
            )
    return ""


def _curl(target: Target) -> str:
    return f"curl {_credentials(target)}--json BODY \\\n  {shell(target.url)}"


def _python(target: Target) -> str:
    url = json.dumps(target.url)
    if target.auth == "iam":
        return _SIGNED_PYTHON.format(url=url, region=target.region)
    head, bearer = "import requests\n\n", ""
    if target.auth == "jwt":
        head = 'import os\n\nimport requests\n\ntoken = os.environ["TOKEN"]\n'
        bearer = '    headers={"authorization": f"Bearer {token}"},\n'
    return (
        f"{head}response = requests.post(\n    {url},\n    json=BODY,\n{bearer}    timeout=30,\n)\n"
        "response.raise_for_status()\nprint(response.json())"
    )


_SIGNED_PYTHON = """\
import json

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

request = AWSRequest(
    "POST",
    {url},
    data=json.dumps(BODY),
    headers={{"content-type": "application/json"}},
)
SigV4Auth(Session().get_credentials(), "execute-api", "{region}").add_auth(request)
response = requests.post(request.url, request.data, headers=dict(request.headers), timeout=30)
response.raise_for_status()
print(response.json())"""


def _javascript(target: Target) -> str:
    call, more, head = "fetch", "", ""
    if target.auth == "jwt":
        more = ", authorization: `Bearer ${token}`"
    if target.auth == "iam":
        call = "aws.fetch"
        head = (
            'import { AwsClient } from "aws4fetch";\n\n'
            "const aws = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, "
            f'service: "execute-api", region: "{target.region}" }});\n'
        )
    return (
        f"{head}const response = await {call}({json.dumps(target.url)}, {{\n"
        '  method: "POST",\n'
        f'  headers: {{ "content-type": "application/json"{more} }},\n'
        "  body: BODY,\n});\n"
        "if (!response.ok) throw new Error(await response.text());\n"
        "console.log(await response.json());"
    )
