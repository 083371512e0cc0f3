from mldeploy.cli.library import Saved as Saved
from mldeploy.cli.library import save as save

__all__ = ["Saved", "save"]
__version__: str
