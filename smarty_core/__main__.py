"""`python -m smarty_core` is `smarty_manage`."""

from smarty_core.cli.main import main

if __name__ == "__main__":
    main()
