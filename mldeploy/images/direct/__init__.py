"""Makes and pushes images without an engine, from a base image that stays in its registry.

What a registry keeps of an image (OCI image specification, "manifest", "config", "layer";
distribution's manifest/schema2 has the same under other media types):

- A *layer* is a tar of files, compressed with gzip. Its *digest* is the SHA-256 of the compressed
  bytes, its *diff id* that of the tar.
- The *configuration* is JSON: the platform, what a container runs (`config`: Cmd, Env, Labels), the
  diff ids of all layers in their order (`rootfs`), and one entry of `history` per layer.
- The *manifest* is JSON too: the media type, the size and the digest of the configuration and of
  each layer. Lambda takes one manifest of one platform; it refuses an index of several.

An image is the base's layers, then ours in the order of `images.layout.LAYERS`: the requirements,
the code, the model. Ours are named by their content alone, so equal content has an equal digest,
whoever makes it; of a retrained model only the last layer, the configuration and the manifest are
new. The media types are those of the base, because engines don't take a mixture.
"""

from mldeploy.images.direct.builder import DirectBuilder as DirectBuilder
from mldeploy.images.direct.runner import StagedRunner as StagedRunner
