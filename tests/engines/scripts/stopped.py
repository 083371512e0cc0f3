"""A scheduler that stops responding in the middle of a call: how does it end?"""

import json
import os
import signal
import sys
import time
from threading import Timer

import joblib

from mldeploy.config.engine import engine_of
from mldeploy.errors import MldeployError
from mldeploy.model.engines.training_on import Silence, TrainingOn

address, scheduler = sys.argv[1], int(sys.argv[2])
engine = TrainingOn(engine_of(address), Silence(silent=3, between=0.5))  # type: ignore[arg-type]
engine.send({}, set(), None)
Timer(1, os.kill, (scheduler, signal.SIGSTOP)).start()
found = {"code": ""}
try:
    with engine.fits():
        joblib.Parallel()(joblib.delayed(time.sleep)(2) for _ in range(100))
except MldeployError as error:
    found = {"code": error.code, "message": error.message}
sys.stdout.write(json.dumps({**found, "closed": engine.close()}))
sys.stdout.flush()
os._exit(0)
