"""`python -m container.cli` is `tagport`."""

from container.cli import main

main()
