"""Each command's result with -o json; the schema and its page are generated from this table."""

from mldeploy.embedded.described import RunningCloud, StoppedCloud
from mldeploy.files.leftover import Cleaned
from mldeploy.files.manual import Explanation, Script
from mldeploy.images.produced import BuiltImages, ColdStartReport, PushedImages
from mldeploy.invoke.batch.results import BatchResult, PlannedBatch
from mldeploy.invoke.batch.status import JobStatus
from mldeploy.invoke.clients.making import GeneratedClient
from mldeploy.invoke.invocation import Invocation
from mldeploy.invoke.page import Page
from mldeploy.local.samples import EventFiles, SampleEvents
from mldeploy.local.served import Served
from mldeploy.model.compiled.explaining import Compilation
from mldeploy.model.trained import Trained, TrainedModels
from mldeploy.monitoring.audit import Audit
from mldeploy.monitoring.logs import LogLines
from mldeploy.monitoring.releases import Releases
from mldeploy.monitoring.results import (
    Deployed,
    Destroyed,
    DestroyedStages,
    RolledBack,
    ShownPlan,
    Status,
)
from mldeploy.monitoring.stages import Stages
from mldeploy.project.scaffold import Scaffolded
from mldeploy.render.report.writing import Reported
from mldeploy.resources.policy_document import PolicyDocument

RESULTS: dict[str, tuple[type, ...]] = {
    "init": (Scaffolded,),
    "train": (TrainedModels,),
    "report": (Reported,),
    "compile": (Compilation,),
    "import": (Trained,),
    "serve": (Served,),
    "batch": (BatchResult, PlannedBatch, JobStatus),
    "events": (SampleEvents, EventFiles),
    "local start": (RunningCloud,),
    "local status": (RunningCloud,),
    "local stop": (StoppedCloud,),
    "build": (BuiltImages,),
    "push": (PushedImages,),
    "plan": (ShownPlan,),
    "deploy": (Deployed,),
    "invoke": (Invocation,),
    "open": (Page,),
    "client": (GeneratedClient,),
    "releases": (Releases,),
    "rollback": (RolledBack,),
    "promote": (Deployed,),
    "status": (Status,),
    "audit": (Audit,),
    "stages": (Stages,),
    "logs": (LogLines,),
    "cold-start": (ColdStartReport,),
    "destroy": (Destroyed, DestroyedStages),
    "clean": (Cleaned,),
    "explain": (Explanation,),
    "completion": (Script,),
    "iam policy": (PolicyDocument,),
    "iam trust": (PolicyDocument,),
    "iam boundary": (PolicyDocument,),
}
"""By command. If there are two, an option decides: --dry-run of `batch`,
--out of `events`, --expired of `destroy`."""
