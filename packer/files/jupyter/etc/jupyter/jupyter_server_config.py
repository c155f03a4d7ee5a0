# What holds on every cluster. The password's hash comes in a file of the node's own, jupyter_server_config.json.
c = get_config()  # noqa: F821
# Reached by the web front alone, which brings a name and a scheme from outside and is believed in them.
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0
c.ServerApp.base_url = "/jupyter/"
c.ServerApp.allow_remote_access = True
c.ServerApp.trust_xheaders = True
c.ServerApp.open_browser = False
# Seconds. Between a browser and us there are proxies that forget a connection after a quiet minute.
c.ServerApp.websocket_ping_interval = 30
# No token beside the password; and no server without one.
c.IdentityProvider.token = ""
c.PasswordIdentityProvider.password_required = True
c.PasswordIdentityProvider.allow_password_change = False
c.MultiKernelManager.default_kernel_name = "hail"
c.KernelSpecManager.ensure_native_kernel = False
