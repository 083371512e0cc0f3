"""`python settle.py FOLDER`: make a folder's content the same whenever it is made.

FOLDER is laid out as the root of the image. Byte-code is compiled as if it were that root, with
hashes that are never checked: file times are of no use in a layer that has to be equal each
time, and without byte-code a start took 2.8 times as long. Then every file and folder gets the
same time.
"""

import compileall
import os
import py_compile
import sys
from pathlib import Path

folder = sys.argv[1]
compileall.compile_dir(
    folder,
    maxlevels=50,
    stripdir=folder,
    prependdir="/",
    # Some packages ship templates that aren't Python; pip ignores them too.
    quiet=2,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
)
for path in [Path(folder), *Path(folder).rglob("*")]:
    os.utime(path, (0, 0), follow_symlinks=False)
