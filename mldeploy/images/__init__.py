"""What goes into an image, and what makes and runs one."""
