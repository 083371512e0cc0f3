from mldeploy.saving import Saved as Saved
from mldeploy.saving import save as save

__all__ = ["Saved", "save"]
__version__: str
