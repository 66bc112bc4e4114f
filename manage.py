"""Alias of `smarty_manage`, so that old crontab lines (`python manage.py ...`) go on working."""

from smarty_core.cli.main import main

if __name__ == "__main__":
    main()
