"""`python settle.py FOLDER`: make a folder's content reproducible.

FOLDER has the layout of the image's root. Byte-code is compiled for that root: without it a start
took 2.8 times as long. It has hashes that Python never checks in place of file times. Then every
file and folder gets the same time, so that equal content is an equal layer.
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
    # Some packages have templates that aren't valid Python; pip ignores them too.
    quiet=2,
    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
)
for path in [Path(folder), *Path(folder).rglob("*")]:
    os.utime(path, (0, 0), follow_symlinks=False)
