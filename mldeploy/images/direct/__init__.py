"""Builds and pushes images without an engine, from a base image that stays in its registry.

The parts of an image in a registry (OCI image specification, "manifest", "config", "layer";
distribution's manifest/schema2 has the same under other media types):

- A *layer* is a tar of files, compressed with gzip. Its *digest* is the SHA-256 of the compressed
  bytes, its *diff id* that of the tar.
- The *configuration* is JSON: the platform, what a container runs (`config`: Cmd, Env, Labels), the
  diff ids of all layers in their order (`rootfs`), and one entry of `history` per layer.
- The *manifest* is JSON too: the media type, the size and the digest of the configuration and of
  each layer. Lambda accepts a manifest for one platform, and no index of several.

An image consists of the base's layers and then ours, in the order of `images.layout.LAYERS`: the
requirements, the code, the model. Our layers depend only on their content, so equal content has an
equal digest on every machine; a retrained model only changes the last layer, the configuration and
the manifest. The media types are the base's, because engines don't support a mixture.
"""

from mldeploy.images.direct.builder import DirectBuilder as DirectBuilder
from mldeploy.images.direct.runner import StagedRunner as StagedRunner
