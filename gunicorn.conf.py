"""What gunicorn is started with wherever it runs: it reads this file by itself."""

logger_class = "cnsportal.gunicorn_logs.RedactedLogger"
umask = 0o077  # files hold personal data
