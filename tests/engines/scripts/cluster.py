"""A Dask cluster of two workers, with the protocol "tcp" or "tls"; prints the scheduler's address.

The certificates of TLS are those of Dask's own configuration.
"""

import sys
import time

from distributed import LocalCluster, Security

if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        host="127.0.0.1",
        protocol=f"{sys.argv[1]}://",
        security=Security(),
    )
    sys.stdout.write(cluster.scheduler_address.partition("://")[2] + "\n")
    sys.stdout.flush()
    time.sleep(3600)
