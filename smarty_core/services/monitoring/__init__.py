"""What a running server tells about itself: figures for Prometheus and statsd, readiness, reports of errors."""
