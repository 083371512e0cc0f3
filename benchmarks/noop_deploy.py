"""A second deploy that has nothing to change, against those of Chalice and SAM."""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import boto3

from benchmarks.emulator import Emulator, emulator, mutating
from benchmarks.measure import interleaved, machine, run, show, show_ratio
from benchmarks.peers import CHALICE, SAM, console_script
from benchmarks.project import deploy_once, variables, write_project

ROUNDS = 9
ROUND_TRIPS = (0.0, 0.05)
MOST_CALLS = 27
OURS = "mldeploy deploy"

_CHALICE_APP = """\
from chalice import Chalice

app = Chalice(app_name="hello")


@app.route("/")
def index():
    return {"hello": "world"}
"""
_CHALICE_CONFIG = '{"version": "2.0", "app_name": "hello", "stages": {"dev": {}}}\n'
# moto doesn't support the AWS::Serverless transform, so this is SAM's HelloWorld transformed.
_SAM_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
  Hello:
    Type: AWS::Lambda::Function
    Properties: {Handler: app.handler, Runtime: python3.12, Role: !GetAtt Role.Arn, Code: code/}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: hello}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Join
          - ""
          - - "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"
            - !GetAtt Hello.Arn
            - /invocations
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {RestApiId: !Ref Api, StageName: api}
"""
Deploy = Callable[[], str]


def main() -> None:
    """Deploy everything once, then print calls, times and ratios of the deploys after that."""
    print(f"  {machine()}\n")
    with tempfile.TemporaryDirectory() as folder, emulator() as where:
        deploys = {OURS: _mldeploy(Path(folder, "ours"), where)}
        if chalice := console_script(CHALICE):
            deploys["chalice deploy"] = _chalice(chalice, Path(folder, "chalice"), where)
        if sam := console_script(SAM):
            deploys["sam deploy"] = _sam(sam, Path(folder, "sam"), where)
        deploys = {name: one for name, one in deploys.items() if _first(name, one)}
        for name, deploy in deploys.items():
            _show_calls(name, deploy, where)
        for seconds in ROUND_TRIPS:
            where.round_trip(seconds)
            print(f"\n  each call takes {seconds * 1000:.0f} ms more than the emulator needs")
            timings = interleaved(deploys, ROUNDS, warm_up=False)
            show(timings)
            for peer in [name for name in deploys if name != OURS]:
                show_ratio(timings, OURS, peer)


def _first(name: str, deploy: Deploy) -> bool:
    """Deploy for the first time; a peer that can't in this emulator is left out."""
    try:
        deploy()
    except RuntimeError as error:
        if name == OURS:
            raise
        print(f"  {name} is left out: {error}")
        return False
    return True


def _show_calls(name: str, deploy: Deploy, where: Emulator) -> None:
    where.calls()
    deploy()
    calls = where.calls()
    writes = mutating(calls)
    print(
        f"  {name}: {calls.total()} calls, {sum(calls[one] for one in writes)} may change something"
    )
    if name != OURS:
        return
    for call, count in sorted(calls.items()):
        print(f"      {count} {call}")
    if calls.total() > MOST_CALLS or writes:
        print(f"  ! more than {MOST_CALLS} calls, or a write among them: {', '.join(writes)}")


def _mldeploy(folder: Path, where: Emulator) -> Deploy:
    folder.mkdir()
    write_project(folder)
    deploy_once(folder, where)
    program = Path(sys.executable).with_name("mldeploy")
    return partial(run, [program, "deploy", "--yes"], cwd=folder, env=where.environment())


def _chalice(program: Path, folder: Path, where: Emulator) -> Deploy:
    (folder / ".chalice").mkdir(parents=True)
    (folder / "app.py").write_text(_CHALICE_APP)
    (folder / "requirements.txt").touch()
    (folder / ".chalice" / "config.json").write_text(_CHALICE_CONFIG)
    return partial(run, [program, "deploy"], cwd=folder, env=where.environment())


def _sam(program: Path, folder: Path, where: Emulator) -> Deploy:
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "app.py").write_text("def handler(event, context):\n    return {}\n")
    (folder / "template.yaml").write_text(_SAM_TEMPLATE)
    with variables(where.environment()):
        boto3.client("s3").create_bucket(
            Bucket="artifacts",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )
    options = ["--stack-name", "hello", "--s3-bucket", "artifacts"]
    consent = ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    environment = {
        **where.environment(),
        # moto reads a bucket from a URL's path only if the host is localhost.
        "AWS_ENDPOINT_URL": where.endpoint.replace("127.0.0.1", "localhost"),
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(folder / "home"),
    }
    words: list[str | Path] = [
        program,
        "deploy",
        *options,
        *consent,
        "--no-fail-on-empty-changeset",
    ]
    return partial(run, words, cwd=folder, env=environment)


if __name__ == "__main__":
    main()
