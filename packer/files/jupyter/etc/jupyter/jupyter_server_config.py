# What holds on every cluster. The password and the place behind the web front come from the node's own files.
c = get_config()  # noqa: F821
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.MultiKernelManager.default_kernel_name = "hail"
c.KernelSpecManager.ensure_native_kernel = False
