"""Keystone's contents: the services' users and endpoints, and the project `demo` with its user."""
import sys

import openstack

password = sys.argv[1]
identity = openstack.connect().identity
endpoints = {
    ("image", "glance"): "http://127.0.0.1:9292",
    ("placement", "placement"): "http://127.0.0.1:8778",
    ("compute", "nova"): "http://127.0.0.1:8774/v2.1",
    ("network", "neutron"): "http://127.0.0.1:9696",
    ("volumev3", "cinderv3"): "http://127.0.0.1:8776/v3/%(project_id)s",
}


def add_user(name, secret, project, role):
    user = identity.create_user(name=name, password=secret, domain_id="default")
    identity.assign_project_role_to_user(project, user, identity.find_role(role))


service_project = identity.create_project(name="service", domain_id="default")
for name in ("glance", "placement", "nova", "neutron", "cinder"):
    add_user(name, password, service_project, "admin")
for (kind, name), url in endpoints.items():
    service = identity.create_service(name=name, type=kind)
    for interface in ("public", "internal", "admin"):
        identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id="RegionOne")
add_user("demo", "demo", identity.create_project(name="demo", domain_id="default"), "member")
