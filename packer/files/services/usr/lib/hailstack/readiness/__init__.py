"""Whether a cluster works: what /usr/libexec/hailstack/ready runs on the master. No package but Python's own."""
