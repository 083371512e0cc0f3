"""Moto made as strict as AWS: botocore hooks that raise what AWS raises where moto is lax."""
