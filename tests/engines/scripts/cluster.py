"""A Dask cluster of two workers; prints the scheduler's address."""

import sys
import time

from distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    )
    sys.stdout.write(cluster.scheduler_address.removeprefix("tcp://") + "\n")
    sys.stdout.flush()
    time.sleep(3600)
