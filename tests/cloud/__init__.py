"""The main job's surroundings on one machine: engine, base image, emulated AWS, registry."""
